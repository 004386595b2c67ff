// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/packs.h"

#include <gtest/gtest.h>

/// Invalid rule files are refused with file:line:column and what was expected.
namespace minewarden::rules {
namespace {

using test::pack;
using test::rule;

std::string all_problems(std::vector<RuleFile> files) {
    const auto rules = RuleSet::load(std::move(files));
    EXPECT_FALSE(rules);
    return rules ? "" : yaml::to_error(rules.error()).message;
}

/// `content` has "@@" at the position of the problem. A line of the diagnostics must begin with
/// that position and contain `part`.
void expect_problem(std::string content, const std::string& part) {
    const std::size_t at = content.find("@@");
    ASSERT_NE(at, std::string::npos) << content;
    content.erase(at, 2);
    const auto before = std::string_view(content).substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t column = at - (before.rfind('\n') + 1) + 1;
    const std::string place =
        "bad.yaml:" + std::to_string(line) + ":" + std::to_string(column) + ": ";
    const std::string problems = all_problems({{"bad.yaml", content}});
    const std::size_t found = problems.find(place);
    ASSERT_NE(found, std::string::npos) << "expected " << place << part << " in:\n" << problems;
    const std::string text = problems.substr(found, problems.find('\n', found) - found);
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

std::string with_rule(const std::string& text) {
    return pack("p", "rules:\n" + text);
}

TEST(RuleFile, RequiresAPack) {
    EXPECT_NE(all_problems({{"bad.yaml", ""}}).find("pack"), std::string::npos);
    EXPECT_NE(all_problems({{"bad.yaml", "rules: []\n"}}).find("pack"), std::string::npos);
}

TEST(RuleFile, RefusesUnknownKeysEverywhere) {
    expect_problem(pack("p", "@@rulez: []\n"), "did you mean \"rules\"?");
    expect_problem("pack:\n  id: p\n  version: 1.0.0\n  @@titel: {en: a, zh: b}\n"
                   "  title: {en: a, zh: b}\n",
                   "did you mean \"title\"?");
    expect_problem(with_rule(rule({.id = "a", .extra = "    @@falsepositives: [x]\n"})),
                   "did you mean \"false_positives\"?");
    expect_problem(pack("p", "macros:\n  - name: m\n    on: thread.window\n"
                             "    condition: nice > 1\n    @@family: load\n"),
                   "family");
    expect_problem(pack("p", "settle:\n  - activity: mining\n    missing: load\n"
                             "    text: {en: a, zh: b}\n    @@weight: 5\n"),
                   "weight");
    expect_problem(with_rule(rule({.id = "a", .explain = "{en: a, zh: b, @@fr: c}"})), "fr");
}

TEST(RuleFile, RefusesDuplicateKeys) {
    expect_problem(with_rule(rule({.id = "a", .extra = "    @@family: load\n"})), "family");
    expect_problem(with_rule(rule({.id = "a", .weights = "{unknown: 1, @@unknown: 2}"})),
                   "unknown");
}

TEST(RuleFile, ReportsMissingKeys) {
    const std::string whole = rule({.id = "a"});
    for (const std::string key : {"title", "on", "condition", "family", "weights", "explain"}) {
        std::string text = whole;
        const std::size_t begin = text.find("    " + key + ":");
        ASSERT_NE(begin, std::string::npos) << key;
        text.erase(begin, text.find('\n', begin) + 1 - begin);
        const std::string problems = all_problems({{"bad.yaml", with_rule(text)}});
        EXPECT_NE(problems.find("bad.yaml:6:5: "), std::string::npos) << problems;
        EXPECT_NE(problems.find("\"" + key + "\""), std::string::npos) << problems;
    }
}

TEST(RuleFile, RequiresAnIdOfARule) {
    expect_problem(with_rule("  - @@title: {en: a, zh: b}\n    on: thread.window\n"
                             "    condition: nice > 1\n    family: load\n"
                             "    weights: {unknown: 1}\n    explain: {en: a, zh: b}\n"),
                   "id");
}

TEST(RuleFile, RefusesWrongTypes) {
    expect_problem(pack("p", "rules: @@5\n"), "rules");
    expect_problem(pack("p", "rules: @@{a: b}\n"), "rules");
    expect_problem(pack("p", "rules:\n  - @@just text\n"), "");
    expect_problem(with_rule(rule({.id = "@@[a]"})), "id");
    expect_problem(with_rule(rule({.id = "a", .condition = "@@[a, b]"})), "condition");
    expect_problem(with_rule(rule({.id = "a", .weights = "@@5"})), "map");
    expect_problem(with_rule(rule({.id = "a", .weights = "@@[mining.pow.cpu]"})), "map");
    expect_problem(with_rule(rule({.id = "a", .explain = "@@It ran."})), "map");
    expect_problem(pack("p", "lists: @@[a]\n"), "lists");
    expect_problem(pack("p", "lists:\n  a: @@{b: c}\n"), "");
    expect_problem(pack("p", "lists:\n  a: @@[x, 5]\n"), "");
    expect_problem("@@- pack\n", "");
}

TEST(RuleFile, RequiresBothLanguages) {
    expect_problem(with_rule(rule({.id = "a", .explain = "@@{en: It ran.}"})), "zh");
    expect_problem(with_rule(rule({.id = "a", .explain = "@@{zh: x}"})), "en");
    expect_problem("pack:\n  id: p\n  version: 1.0.0\n  title: @@{en: a}\n", "zh");
}

TEST(RuleFile, RefusesAnEmptyText) {
    EXPECT_FALSE(RuleSet::load(
        {{"bad.yaml", with_rule(rule({.id = "a", .explain = "{en: a, zh: \"\"}"}))}}));
}

TEST(RuleFile, SuggestsTheClosestName) {
    expect_problem(with_rule(rule({.id = "a", .on = "@@thread.windw"})),
                   "did you mean \"thread.window\"?");
    expect_problem(with_rule(rule({.id = "a", .family = "@@compte"})), "did you mean \"compute\"?");
    expect_problem(with_rule(rule({.id = "a", .weights = "{@@mining.pow.cpx: 5}"})),
                   "did you mean \"mining.pow.cpu\"?");
    expect_problem(pack("p", "settle:\n  - activity: @@minng\n    missing: load\n"
                             "    text: {en: a, zh: b}\n"),
                   "unknown activity");
    expect_problem(pack("p", "settle:\n  - activity: mining\n    missing: @@lod\n"
                             "    text: {en: a, zh: b}\n"),
                   "did you mean \"load\"?");
}

TEST(RuleFile, RefusesPrefixesOfActivitiesInWeights) {
    expect_problem(with_rule(rule({.id = "a", .weights = "{@@mining: 5}"})), "unknown activity");
}

TEST(RuleFile, RefusesWeightsOutOfRange) {
    for (const char* weight : {"20001", "-20001", "1.5", "many", "\"5\"", "0x10", "010", "[5]",
                               "1e3", "9223372036854775808", "+5", "true", "~"})
        expect_problem(
            with_rule(
                rule({.id = "a", .weights = "{mining.pow.cpu: @@" + std::string(weight) + "}"})),
            "20000");
}

TEST(RuleFile, ReportsThePositionOfAMistakeInACondition) {
    expect_problem(with_rule(rule({.id = "a", .condition = "nice > 1 and @@nicee > 2"})),
                   "did you mean \"nice\"?");
    expect_problem(with_rule(rule({.id = "a",
                                   .condition = ">\n      nice > 1 and\n"
                                                "      @@nicee > 2"})),
                   "nicee");
    expect_problem(with_rule(rule({.id = "a", .condition = "\"nice > 1 and @@nicee > 2\""})),
                   "nicee");
    expect_problem(with_rule(rule({.id = "a", .condition = "nice = @@\"x\""})), "whole number");
    expect_problem(pack("p", "macros:\n  - name: m\n    on: thread.window\n"
                             "    condition: \"@@dialect = 'x'\"\n"),
                   "thread.window has no field");
}

TEST(RuleFile, RefusesUnknownPlaceholders) {
    expect_problem(with_rule(rule({.id = "a", .explain = "@@{en: \"{dialect}\", zh: \"{nice}\"}"})),
                   "thread.window");
    const auto refused = [](const std::string& explain) {
        return !RuleSet::load({{"x", with_rule(rule({.id = "a", .explain = explain}))}});
    };
    EXPECT_TRUE(refused("{en: \"{nice}\", zh: \"{dialect}\"}"));
    EXPECT_TRUE(refused("{en: \"{}\", zh: x}"));
    EXPECT_TRUE(refused("{en: \"{nice\", zh: x}")) << "a placeholder without an end";
    EXPECT_TRUE(refused("{en: \"{ nice }\", zh: x}"));
    EXPECT_FALSE(refused("{en: \"{nice}\", zh: x}"));
}

TEST(RuleFile, RefusesIdsThatAreNotLowerCase) {
    for (const char* id : {"Upper", "with blank", "a/b", "\"\"", "ümlaut", "a\\e", "\"a\\e[31m\""})
        EXPECT_FALSE(RuleSet::load({{"x", with_rule(rule({.id = id}))}})) << id;
    for (const char* id : {"a", "a.b-c", "stratum.monero.login-bare", "x2"})
        EXPECT_TRUE(RuleSet::load({{"x", with_rule(rule({.id = id}))}})) << id;
}

TEST(RuleFile, IdsAreWordsJoinedByDotsAndDashes) {
    for (const char* id : {"a..b", ".a", "a.", "-a", "a-", "a.-b"})
        EXPECT_FALSE(RuleSet::load({{"x", with_rule(rule({.id = id}))}})) << id;
}

TEST(RuleFile, RefusesDuplicateIdsInAllFiles) {
    expect_problem(with_rule(rule({.id = "a"}) + rule({.id = "@@a"})), "duplicate");
    const std::string problems =
        all_problems({{"one.yaml", pack("p", "rules:\n" + rule({.id = "same"}))},
                      {"two.yaml", pack("q", "rules:\n" + rule({.id = "same"}))}});
    EXPECT_NE(problems.find("two.yaml:6:"), std::string::npos) << problems;
    EXPECT_NE(problems.find("\"same\""), std::string::npos) << problems;
}

TEST(RuleFile, RefusesDuplicatePacksAndNames) {
    EXPECT_NE(
        all_problems({{"one.yaml", pack("p", "")}, {"two.yaml", pack("p", "")}}).find("two.yaml"),
        std::string::npos);
    expect_problem(pack("p", "macros:\n  - {name: m, on: thread.window, condition: nice > 1}\n"
                             "  - @@{name: m, on: thread.window, condition: nice > 1}\n"),
                   "duplicate");
    EXPECT_FALSE(RuleSet::load(
        {{"x", pack("p", "lists: {m: [1]}\nmacros:\n"
                         "  - {name: m, on: thread.window, condition: nice > 1}\n")}}));
}

TEST(RuleFile, RefusesNamesThatAreNotLowerCaseWords) {
    for (const char* name : {"Upper", "1a", "a-b", "a.b", "\"\"", "a b"}) {
        const std::string macro = "macros:\n  - {name: " + std::string(name) +
                                  ", on: thread.window, condition: nice > 1}\n";
        EXPECT_FALSE(RuleSet::load({{"x", pack("p", macro)}})) << name;
    }
}

// Such a macro would silently change other conditions.
TEST(RuleFile, RefusesAMacroWithTheNameOfAField) {
    EXPECT_FALSE(RuleSet::load(
        {{"x",
          pack("p", "macros:\n  - {name: sent, on: stratum.message, condition: not sent}\n")}}));
}

TEST(RuleFile, ReportsAllProblemsOfAllFiles) {
    const std::string problems =
        all_problems({{"one.yaml", pack("p", "rules:\n" + rule({.id = "a", .family = "x"}) +
                                                 rule({.id = "b", .on = "y"}))},
                      {"two.yaml", pack("q", "rules:\n" + rule({.id = "c", .weights = "{z: 1}"}))},
                      {"three.yaml", "["}});
    for (const char* part : {"one.yaml:10:", "one.yaml:15:", "two.yaml:11:", "three.yaml:"})
        EXPECT_NE(problems.find(part), std::string::npos) << part << " in\n" << problems;
}

TEST(RuleFile, LimitsTheNumberOfRules) {
    const auto many = [](std::size_t count) {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) text += rule({.id = "r" + std::to_string(i)});
        return text;
    };
    std::vector<RuleFile> files;
    for (int i = 0; i < 3; ++i)
        files.push_back({std::to_string(i) + ".yaml", pack("p" + std::to_string(i), "rules:\n")});
    std::size_t number = 0;
    for (RuleFile& file : files)
        for (std::size_t i = 0; i < maximum_rules / 3 + 1; ++i)
            file.content += rule({.id = "r" + std::to_string(number++)});
    ASSERT_GT(number, maximum_rules);
    EXPECT_FALSE(RuleSet::load(files));
    EXPECT_TRUE(RuleSet::load({{"x", with_rule(many(600))}}));
}

} // namespace
} // namespace minewarden::rules
