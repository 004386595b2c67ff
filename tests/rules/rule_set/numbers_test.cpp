// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/packs.h"

#include <gtest/gtest.h>

/// The section "numbers" of a rule set.
namespace minewarden::rules {
namespace {

using test::load;
using test::numbers_section;
using test::pack;

std::string problems_of(std::string section) {
    const auto rules = RuleSet::load({{"n.yaml", pack("n", section)}});
    EXPECT_FALSE(rules) << section;
    return rules ? "" : yaml::to_error(rules.error()).message;
}

/// The section "numbers" with one part replaced.
std::string with(const std::string& part, const std::string& replacement) {
    std::string section = numbers_section();
    const std::size_t at = section.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return section.replace(at, part.size(), replacement);
}

TEST(Numbers, AreReadFromARuleFile) {
    const auto rules = load(pack("n", numbers_section()));
    ASSERT_NE(rules, nullptr);
    const Numbers& numbers = rules->numbers();
    EXPECT_EQ(numbers.prior, -4600);
    EXPECT_EQ(numbers.suspected_from, 100);
    EXPECT_EQ(numbers.probable_from, 2000);
    EXPECT_EQ(numbers.confirmed_from, 5000);
    EXPECT_EQ(numbers.family_supports_from, 1000);
    EXPECT_EQ(numbers.refuting_lowers_from, 1) << "not said";
    EXPECT_EQ(numbers.decay, (std::vector<std::int64_t>{1000, 500}));
    EXPECT_EQ(numbers.refuting_decay, (std::vector<std::int64_t>{1000, 100}));
    EXPECT_EQ(numbers.cap_of(Family::load), 8000);
    EXPECT_EQ(rules->packs().size(), 1U) << "the shipped numbers are not added";
}

// Rule sets of before this number mean what they meant.
TEST(Numbers, MaySayHowMuchAgainstLowersACertainty) {
    const auto rules =
        load(pack("n", with("  decay: [1000, 500]\n  ref",
                            "  refuting_lowers_from: 700\n  decay: [1000, 500]\n  ref")));
    ASSERT_NE(rules, nullptr);
    EXPECT_EQ(rules->numbers().refuting_lowers_from, 700);
    EXPECT_NE(problems_of(with("  decay: [1000, 500]\n  ref",
                               "  refuting_lowers_from: 0\n  decay: [1000, 500]\n  ref"))
                  .find("refuting_lowers_from"),
              std::string::npos);
}

TEST(Numbers, ChangeTheDigest) {
    EXPECT_NE(load(pack("n", numbers_section("-4600")))->digest(),
              load(pack("n", numbers_section("-4601")))->digest());
}

TEST(Numbers, AreRefusedInASecondFile) {
    const auto rules = RuleSet::load(
        {{"a.yaml", pack("a", numbers_section())}, {"b.yaml", pack("b", numbers_section())}});
    ASSERT_FALSE(rules);
    const std::string problems = yaml::to_error(rules.error()).message;
    EXPECT_NE(problems.find("b.yaml:6:"), std::string::npos) << problems;
    EXPECT_NE(problems.find("\"numbers\" is already set by another file"), std::string::npos)
        << problems;
}

TEST(Numbers, AreAllRequired) {
    for (const char* line :
         {"  prior: -4600\n", "  suspected_from: 100\n", "  probable_from: 2000\n",
          "  family_supports_from: 1000\n", "  decay: [1000, 500]\n", "load: 8000"})
        EXPECT_NE(problems_of(with(line, "")).find("n.yaml:"), std::string::npos) << line;
}

TEST(Numbers, RefusesInvalidValuesWithTheirPosition) {
    const struct {
        const char* part;
        const char* replacement;
        const char* place;
        const char* problem;
    } cases[] = {
        {"prior: -4600", "prior: -4600000", "n.yaml:6:", "-100000"},
        {"prior: -4600", "prior: low", "n.yaml:6:", "whole number"},
        {"prior: -4600", "priour: -4600", "n.yaml:6:", "did you mean \"prior\"?"},
        {"suspected_from: 100", "suspected_from: 3000", "n.yaml:", "must ascend"},
        {"decay: [1000, 500]\n  ref", "decay: [900, 500]\n  ref", "n.yaml:", "1000"},
        {"decay: [1000, 500]\n  ref", "decay: [1000, 1001]\n  ref", "n.yaml:", "decay"},
        {"decay: [1000, 500]\n  ref", "decay: []\n  ref", "n.yaml:", "decay"},
        {"decay: [1000, 500]\n  ref", "decay: 1000\n  ref", "n.yaml:", "decay"},
        {"load: 8000", "load: -1", "n.yaml:", "cap"},
        {"load: 8000", "loud: 1", "n.yaml:", "did you mean \"load\"?"},
    };
    for (const auto& one : cases) {
        const std::string problems = problems_of(with(one.part, one.replacement));
        EXPECT_NE(problems.find(one.place), std::string::npos) << problems;
        EXPECT_NE(problems.find(one.problem), std::string::npos)
            << one.replacement << ": " << problems;
    }
}

} // namespace
} // namespace minewarden::rules
