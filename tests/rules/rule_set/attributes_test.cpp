// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/recompute.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

/// Attributes of verdicts, such as chain and client.
namespace minewarden::rules {
namespace {

using test::image;
using test::integer;
using test::load;
using test::observe;
using test::pack;
using test::rule;
using test::text;

std::string pack_with(const std::string& attributes) {
    return pack("p", "rules:\n" +
                         rule({.id = "login",
                               .on = "stratum.message",
                               .condition = "message = \"login\"",
                               .family = "protocol",
                               .weights = "{mining.pool.client: 12500}",
                               .extra = "    attributes: " + attributes + "\n"}) +
                         rule({.id = "submit",
                               .on = "stratum.message",
                               .condition = "message = \"submit\"",
                               .family = "compute",
                               .weights = "{mining.pool.client: 13000}",
                               .extra = "    attributes: {client: stronger}\n"}) +
                         rule({.id = "transcript",
                               .on = "stratum.message",
                               .condition = "message = \"transcript\"",
                               .family = "load",
                               .weights = "{mining.pool.client: -100}",
                               .extra = "    attributes: {actor: researcher}\n"}));
}

Observation message(std::string_view name, std::string_view software) {
    return observe(ObservationType::stratum_message,
                   {{"message", text(name)}, {"software", text(software)}}, 1);
}

/// The attributes of the verdict after these messages.
Attributes shown_after(const std::string& attributes,
                       const std::vector<Observation>& observations) {
    const auto rules = load(pack_with(attributes));
    Engine engine = test::new_engine(rules);
    for (const Observation& observation : observations) engine.observe(image(7), observation);
    engine.judge_news();
    const auto changes = engine.take_changes();
    EXPECT_EQ(changes.size(), 1U);
    if (changes.empty()) return {};
    const auto again = recompute_record(as_bytes(encode_record(changes[0])), *rules);
    EXPECT_TRUE(again) << (again ? "" : again.error().message);
    return changes[0].attributes;
}

TEST(VerdictAttributes, AreLiteralsOrFieldValues) {
    const Attributes shown =
        shown_after("{chain: monero, client: \"{software}\"}", {message("login", "XMRig")});
    EXPECT_EQ(shown, (Attributes{{Attribute::chain, "monero"}, {Attribute::client, "xmrig"}}));
}

TEST(VerdictAttributes, UnknownValuesAreOmitted) {
    for (const char* software :
         {"other", "<b>x</b>", "", "a name that is longer than forty bytes are"})
        EXPECT_EQ(shown_after("{client: \"{software}\"}", {message("login", software)}),
                  Attributes{})
            << software;
}

TEST(VerdictAttributes, TheStrongestEvidenceCounts) {
    EXPECT_EQ(shown_after("{client: weaker}", {message("login", "x"), message("submit", "x")}),
              (Attributes{{Attribute::client, "stronger"}}));
}

TEST(VerdictAttributes, RefutingEvidenceHasNoAttributes) {
    EXPECT_EQ(shown_after("{chain: monero}", {message("login", "x"), message("transcript", "x")}),
              (Attributes{{Attribute::chain, "monero"}}));
}

TEST(VerdictAttributes, ARecordWithOtherAttributesIsAMismatch) {
    const auto rules = load(pack_with("{chain: monero}"));
    Engine engine = test::new_engine(rules);
    engine.observe(image(7), message("login", "x"));
    engine.judge_news();
    VerdictRecord record = engine.take_changes().at(0);
    record.attributes[Attribute::chain] = "bitcoin";
    const auto again = recompute_record(as_bytes(encode_record(record)), *rules);
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().message.find("attributes"), std::string::npos) << again.error().message;
}

TEST(VerdictAttributes, RefusesInvalidValuesWithTheirPosition) {
    const struct {
        const char* attributes;
        const char* problem;
    } cases[] = {
        {"{chian: monero}", "did you mean \"chain\"?"},
        {"{chain: \"{work_requests}\"}", "is not a text field of stratum.message"},
        {"{chain: \"{nothing}\"}", "is not a text field of stratum.message"},
        {"{actor: thief}", "is not a valid value of \"actor\""},
        {"{chain: Mönero}", "is not a valid value of \"chain\""},
        {"[chain]", "must be a map"},
    };
    for (const auto& one : cases) {
        const auto rules = RuleSet::load({{"a.yaml", pack_with(one.attributes)}});
        ASSERT_FALSE(rules) << one.attributes;
        const std::string problems = yaml::to_error(rules.error()).message;
        EXPECT_NE(problems.find("a.yaml:13:"), std::string::npos) << problems;
        EXPECT_NE(problems.find(one.problem), std::string::npos) << problems;
    }
}

} // namespace
} // namespace minewarden::rules
