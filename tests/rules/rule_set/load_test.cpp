// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_set/explanation.h"
#include "tests/rules/support/observations.h"
#include "tests/rules/support/packs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

/// Valid rule files.
namespace minewarden::rules {
namespace {

using test::activity;
using test::load;
using test::pack;
using test::rule;

TEST(RuleSet, NoFilesGiveOnlyTheShippedNumbers) {
    const auto rules = load(std::vector<RuleFile>{});
    ASSERT_NE(rules, nullptr);
    EXPECT_TRUE(rules->rules().empty());
    EXPECT_EQ(rules->windows_of(ObservationType::thread_window), 0U);
    ASSERT_EQ(rules->files().size(), 1U);
    EXPECT_EQ(rules->files()[0].name, "shipped/numbers.yaml");
}

TEST(RuleSet, AcceptsAPackWithoutRules) {
    const auto rules = load(pack("p", ""));
    ASSERT_NE(rules, nullptr);
    ASSERT_EQ(rules->packs().size(), 2U) << "the pack and the shipped numbers";
    EXPECT_EQ(rules->packs()[0].id, "p");
    EXPECT_EQ(rules->packs()[0].version, "1.0.0");
    EXPECT_EQ(rules->packs()[0].title, (LocalizedText{"A pack", "规则包"}));
}

TEST(RuleSet, LoadsAllPartsOfARule) {
    const auto rules = load(pack("p", R"(
lists:
  shells: [bash, zsh]
macros:
  - name: from_shell
    on: process.exec
    condition: parent_command in shells
rules:
  - id: my.rule-1
    title: {en: Title, zh: 标题}
    on: process.exec
    condition: from_shell and deleted
    family: provenance
    weights: {mining.pow.cpu: 300, benign.compute: -200}
    explain: {en: "It is {command}.", zh: "它是 {command}。"}
    attack: [T1496.001, T1070.004]
    false_positives: [Installers]
settle:
  - activity: mining.pow
    missing: protocol
    text: {en: A connection., zh: 一个连接。}
)"));
    ASSERT_NE(rules, nullptr);
    ASSERT_EQ(rules->rules().size(), 1U);
    const Rule* found = rules->find("my.rule-1");
    ASSERT_EQ(found, &rules->rules()[0]);
    EXPECT_EQ(found->title, (LocalizedText{"Title", "标题"}));
    EXPECT_EQ(found->on, ObservationType::process_exec);
    EXPECT_EQ(found->family, Family::provenance);
    EXPECT_EQ(found->weight_for(activity("mining.pow.cpu")), 300);
    EXPECT_EQ(found->weight_for(activity("benign.compute")), -200);
    EXPECT_EQ(found->weight_for(activity("mining.pow.gpu")), 0);
    EXPECT_EQ(found->attack, (std::vector<std::string>{"T1496.001", "T1070.004"}));
    EXPECT_EQ(found->false_positives, std::vector<std::string>{"Installers"});
    EXPECT_EQ(found->file, "test.yaml");
    ASSERT_EQ(rules->settlements().size(), 1U);
    EXPECT_EQ(rules->settlements()[0].activity_prefix, "mining.pow");
    EXPECT_EQ(rules->settlements()[0].missing, Family::protocol);
    EXPECT_EQ(rules->find("other"), nullptr);
}

TEST(RuleSet, FindsRulesByType) {
    const auto rules = load(pack(
        "p", "rules:\n" + rule({.id = "a", .condition = "sum(cpu_permille over 7 windows) > 1"}) +
                 rule({.id = "b", .on = "process.exec", .condition = "deleted"}) +
                 rule({.id = "c", .condition = "sum(cpu_permille over 4 windows) > 1"})));
    ASSERT_NE(rules, nullptr);
    EXPECT_EQ(rules->rules_on(ObservationType::thread_window).size(), 2U);
    EXPECT_EQ(rules->rules_on(ObservationType::process_exec).size(), 1U);
    EXPECT_TRUE(rules->rules_on(ObservationType::stratum_message).empty());
    EXPECT_EQ(rules->windows_of(ObservationType::thread_window), 7U);
    EXPECT_EQ(rules->windows_of(ObservationType::process_exec), 1U);
    EXPECT_EQ(rules->windows_of(ObservationType::stratum_message), 0U);
}

TEST(RuleSet, AListMayHaveWholeNumbers) {
    const auto rules = load(pack(
        "p", "lists:\n  ports: [3333, 4444]\nrules:\n" +
                 rule({.id = "a", .on = "stratum.message", .condition = "remote_port in ports"})));
    EXPECT_NE(rules, nullptr);
}

TEST(RuleSet, AcceptsWeightsUpToTheLimit) {
    const auto rules =
        load(pack("p", "rules:\n" + rule({.id = "a",
                                          .weights = "{mining.pow.cpu: 20000, unknown: -20000}"})));
    ASSERT_NE(rules, nullptr);
    EXPECT_EQ(rules->find("a")->weight_for(activity("mining.pow.cpu")), maximum_weight);
    EXPECT_EQ(rules->find("a")->weight_for(activity("unknown")), -maximum_weight);
}

TEST(RuleSet, TheDigestCoversNamesAndContents) {
    // [["a.yaml", "..."]] in canonical CBOR, written by hand.
    const std::string content = pack("p", test::numbers_section());
    ASSERT_GE(content.size(), 256U);
    const std::string encoded = std::string("\x81\x82\x66") + "a.yaml" + "\x79" +
                                static_cast<char>(content.size() >> 8) +
                                static_cast<char>(content.size() & 0xff) + content;
    EXPECT_EQ(to_hex(load({{"a.yaml", content}})->digest()), to_hex(sha256(as_bytes(encoded))));
}

TEST(RuleSet, TheDigestDoesNotDependOnTheOrderOfFiles) {
    std::vector<RuleFile> files;
    for (const char* name : {"a", "b", "c", "d", "e"})
        files.push_back({std::string(name) + ".yaml",
                         pack(name, "rules:\n" + rule({.id = std::string("rule.") + name}))});
    const Digest digest = load(files)->digest();
    std::mt19937 random(7);
    for (int i = 0; i < 10; ++i) {
        std::ranges::shuffle(files, random);
        EXPECT_EQ(load(files)->digest(), digest);
    }
    files[0].content += "# another byte\n";
    EXPECT_NE(load(files)->digest(), digest);
}

TEST(RuleSet, TheDigestDependsOnNames) {
    EXPECT_NE(load({{"a.yaml", pack("p", "")}})->digest(),
              load({{"b.yaml", pack("p", "")}})->digest());
}

TEST(RuleSet, MacrosAreLocalToTheirFile) {
    // The result must not depend on the order of files.
    const std::string with_macro =
        pack("p", "macros:\n  - {name: hot, on: thread.window, condition: cpu_permille > 5}\n");
    const std::string with_use = pack("q", "rules:\n" + rule({.id = "a", .condition = "hot"}));
    const bool first = RuleSet::load({{"a.yaml", with_macro}, {"b.yaml", with_use}}).has_value();
    const bool last = RuleSet::load({{"b.yaml", with_macro}, {"a.yaml", with_use}}).has_value();
    EXPECT_EQ(first, last);
}

TEST(Explain, FillsInPlaceholders) {
    const Observation observation = test::observe(ObservationType::stratum_message,
                                                  {{"wallet", test::text("monero")},
                                                   {"remote_address", test::address("192.0.2.1")},
                                                   {"remote_port", test::integer(3333)},
                                                   {"sent", true}});
    const LocalizedText text{"{wallet} to {remote_address}:{remote_port} ({sent}, {software})",
                             "{wallet} 到 {remote_port}"};
    EXPECT_EQ(explain(text, Language::en, observation), "monero to 192.0.2.1:3333 (true, ?)");
    EXPECT_EQ(explain(text, Language::zh, observation), "monero 到 3333");
}

TEST(Explain, DoesNotFillInPlaceholdersInValues) {
    const Observation observation =
        test::observe(ObservationType::process_exec,
                      {{"command", test::text("{path}")}, {"path", test::text("/secret")}});
    EXPECT_EQ(explain({"It is {command}.", ""}, Language::en, observation), "It is {path}.");
}

} // namespace
} // namespace minewarden::rules
