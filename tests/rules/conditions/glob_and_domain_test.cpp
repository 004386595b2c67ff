// SPDX-License-Identifier: Apache-2.0
#include "rules/conditions/nodes.h"
#include "tests/rules/support/conditions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden::rules::conditions {
namespace {

/// A simple recursive reference implementation of globs.
bool matches_slowly(std::string_view text, std::string_view pattern) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*')
        return matches_slowly(text, pattern.substr(1)) ||
               (!text.empty() && matches_slowly(text.substr(1), pattern));
    return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
           matches_slowly(text.substr(1), pattern.substr(1));
}

TEST(Glob, MatchesTheWholeText) {
    EXPECT_TRUE(matches_glob("xmrig", "xmrig"));
    EXPECT_FALSE(matches_glob("xmrig2", "xmrig"));
    EXPECT_FALSE(matches_glob("xmrig", "mrig"));
    EXPECT_TRUE(matches_glob("", ""));
    EXPECT_FALSE(matches_glob("a", ""));
    EXPECT_FALSE(matches_glob("", "a"));
}

TEST(Glob, StarMatchesAnyRun) {
    EXPECT_TRUE(matches_glob("", "*"));
    EXPECT_TRUE(matches_glob("/tmp/.x/xmrig", "/tmp/*/xmrig"));
    EXPECT_TRUE(matches_glob("abc", "a*c"));
    EXPECT_TRUE(matches_glob("ac", "a*c"));
    EXPECT_TRUE(matches_glob("aXcXc", "a*c"));
    EXPECT_FALSE(matches_glob("ab", "a*c"));
    EXPECT_TRUE(matches_glob("abc", "**a**b**c**"));
}

TEST(Glob, QuestionMarkMatchesOneCharacter) {
    EXPECT_TRUE(matches_glob("abc", "a?c"));
    EXPECT_FALSE(matches_glob("ac", "a?c"));
    EXPECT_FALSE(matches_glob("", "?"));
    EXPECT_TRUE(matches_glob("ab", "*?"));
    EXPECT_FALSE(matches_glob("", "*?"));
}

TEST(Glob, OtherCharactersAreLiteral) {
    EXPECT_TRUE(matches_glob("[a]", "[a]"));
    EXPECT_FALSE(matches_glob("a", "[a]"));
    EXPECT_TRUE(matches_glob("a.b", "a.b"));
    EXPECT_FALSE(matches_glob("aXb", "a.b"));
}

TEST(Glob, HandlesTheWorstCase) {
    const std::string text(5000, 'a');
    std::string pattern;
    for (int i = 0; i < 500; ++i) pattern += "*a";
    EXPECT_FALSE(matches_glob(text, pattern + "*b"));
    EXPECT_TRUE(matches_glob(text, pattern + "*"));
    EXPECT_FALSE(matches_glob(text, std::string(5000, '*') + "b"));
    EXPECT_FALSE(matches_glob(text, "*" + std::string(4000, 'a') + "b"));
}

RC_GTEST_PROP(Glob, MatchesTheReferenceImplementation, ()) {
    const auto word = [](std::string_view letters) {
        std::string made;
        const int length = *rc::gen::inRange(0, 9);
        for (int i = 0; i < length; ++i)
            made += letters[*rc::gen::inRange<std::size_t>(0, letters.size())];
        return made;
    };
    const std::string text = word("ab");
    const std::string pattern = word("ab*?*");
    RC_ASSERT(matches_glob(text, pattern) == matches_slowly(text, pattern));
}

TEST(Domain, IsComparedByLabel) {
    EXPECT_TRUE(is_under_domain("example.com", "example.com"));
    EXPECT_TRUE(is_under_domain("pool.example.com", "example.com"));
    EXPECT_TRUE(is_under_domain("a.b.c.example.com", "example.com"));
    EXPECT_FALSE(is_under_domain("badexample.com", "example.com"));
    EXPECT_FALSE(is_under_domain("example.com", "pool.example.com"));
    EXPECT_FALSE(is_under_domain("example.com.evil.net", "example.com"));
    EXPECT_FALSE(is_under_domain("com", "example.com"));
}

TEST(Domain, IgnoresCaseAndFinalDot) {
    EXPECT_TRUE(is_under_domain("Pool.EXAMPLE.com", "example.COM"));
    EXPECT_TRUE(is_under_domain("pool.example.com.", "example.com"));
    EXPECT_TRUE(is_under_domain("pool.example.com", "example.com."));
    EXPECT_TRUE(is_under_domain("example.com.", "example.com."));
}

TEST(Domain, OddNamesDoNotMatch) {
    EXPECT_FALSE(is_under_domain("", "example.com"));
    EXPECT_FALSE(is_under_domain(".", "example.com"));
    EXPECT_FALSE(is_under_domain("example.com..", "example.com"));
    EXPECT_FALSE(is_under_domain("example.com ", "example.com"));
}

TEST(Domain, AnEmptySuffixMatchesNothing) {
    EXPECT_FALSE(is_under_domain("example.com", ""));
    EXPECT_FALSE(is_under_domain("example.com.", ""));
    EXPECT_FALSE(is_under_domain("example.com", "."));
}

TEST(Domain, IsAnOperator) {
    const Observation observation = test::observe(ObservationType::stratum_message,
                                                  {{"software", test::text("pool.example.com")}});
    EXPECT_EQ(test::truth("software domain \"example.com\"", observation), Truth::yes);
    EXPECT_EQ(test::truth("software domain (\"a.net\", \"example.com\")", observation), Truth::yes);
    EXPECT_EQ(test::truth("software not domain \"ple.com\"", observation), Truth::yes);
}

} // namespace
} // namespace minewarden::rules::conditions
