// SPDX-License-Identifier: Apache-2.0
#include "common/text.h"
#include "tests/common/support/unicode.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd"; // U+FFFD

std::string replaced(std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += replacement;
    return text;
}

TEST(ValidUtf8, KeepsValidText) {
    for (const char* text : {"", "plain", "中文", "\u00fc", "\U0001f600", "\xf4\x8f\xbf\xbf",
                             "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd"})
        EXPECT_EQ(to_valid_utf8(text), text);
    EXPECT_EQ(to_valid_utf8(std::string_view("a\0b", 3)), std::string_view("a\0b", 3));
}

TEST(ValidUtf8, ReplacesEachInvalidByte) {
    EXPECT_EQ(to_valid_utf8("\xff"), replaced(1));
    EXPECT_EQ(to_valid_utf8("a\x80z"), "a" + replaced(1) + "z");
    EXPECT_EQ(to_valid_utf8("\xe4\xb8"), replaced(2)) << "cut short";
    EXPECT_EQ(to_valid_utf8("\xe4\xb8z"), replaced(2) + "z");
    EXPECT_EQ(to_valid_utf8("\xc3\x28"), replaced(1) + "(");
    EXPECT_EQ(to_valid_utf8("\xc0\x80"), replaced(2)) << "overlong";
    EXPECT_EQ(to_valid_utf8("\xe0\x80\x80"), replaced(3)) << "overlong";
    EXPECT_EQ(to_valid_utf8("\xed\xa0\x80"), replaced(3)) << "surrogate";
    EXPECT_EQ(to_valid_utf8("\xf4\x90\x80\x80"), replaced(4)) << "beyond U+10FFFF";
    EXPECT_EQ(to_valid_utf8("\xf8\x88\x80\x80\x80"), replaced(5)) << "five bytes";
}

RC_GTEST_PROP(ValidUtf8, TheResultIsValidAndStable, (const std::string& bytes)) {
    const std::string valid = to_valid_utf8(bytes);
    RC_ASSERT(test::is_utf8(valid));
    RC_ASSERT(to_valid_utf8(valid) == valid);
    if (test::is_utf8(bytes)) RC_ASSERT(valid == bytes);
}

TEST(TerminalEscape, KeepsOrdinaryText) {
    for (const char* text : {"", "plain text", "中文，标点", "\u00fc", "\U0001f600", "a/b-c_d.e"})
        EXPECT_EQ(escape_for_terminal(text), text);
}

TEST(TerminalEscape, MakesControlCharactersVisible) {
    EXPECT_EQ(escape_for_terminal("\x1b[31m"), "\\x1b[31m");
    EXPECT_EQ(escape_for_terminal("a\rb"), "a\\x0db");
    EXPECT_EQ(escape_for_terminal("a\x7f"), "a\\x7f");
    EXPECT_EQ(escape_for_terminal("\u202e"), "\\u202e");
    EXPECT_EQ(escape_for_terminal(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(TerminalEscape, LeavesNoControlCharacter) {
    for (std::uint32_t point = 0; point < 0x20; ++point)
        EXPECT_EQ(escape_for_terminal(test::to_utf8(point)).find(static_cast<char>(point)),
                  std::string::npos)
            << point;
    for (std::uint32_t point = 0x7f; point < 0xa0; ++point)
        EXPECT_EQ(escape_for_terminal(test::to_utf8(point)).find(test::to_utf8(point)),
                  std::string::npos)
            << point;
}

TEST(TerminalEscape, LeavesNoBidirectionalControl) {
    for (const std::uint32_t point :
         {0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069})
        EXPECT_EQ(escape_for_terminal(test::to_utf8(point)).find(test::to_utf8(point)),
                  std::string::npos)
            << std::hex << point;
}

// They are invisible and change the order of adjacent text (UAX 9, 2.6).
TEST(TerminalEscape, LeavesNoImplicitDirectionMark) {
    for (const std::uint32_t point : {0x200e, 0x200f, 0x061c})
        EXPECT_EQ(escape_for_terminal(test::to_utf8(point)).find(test::to_utf8(point)),
                  std::string::npos)
            << std::hex << point;
}

RC_GTEST_PROP(TerminalEscape, TheResultIsPrintable, (const std::string& bytes)) {
    const auto points = test::code_points(escape_for_terminal(to_valid_utf8(bytes)));
    RC_ASSERT(points.has_value());
    for (const std::uint32_t point : *points)
        RC_ASSERT(point >= 0x20 && (point < 0x7f || point >= 0xa0));
}

TEST(CsvEscape, KeepsPlainFields) {
    for (const char* text : {"", "plain", "a b", "1", "中文", "it's", "a=b", "x-y"})
        EXPECT_EQ(escape_for_csv(text), text);
}

TEST(CsvEscape, QuotesSeparatorsAndQuotes) {
    EXPECT_EQ(escape_for_csv("a,b"), "\"a,b\"");
    EXPECT_EQ(escape_for_csv("say \"hi\""), "\"say \"\"hi\"\"\"");
    EXPECT_EQ(escape_for_csv("a\nb"), "\"a\nb\"");
    EXPECT_EQ(escape_for_csv("a\r\nb"), "\"a\r\nb\"");
    EXPECT_EQ(escape_for_csv("a\rb"), "\"a\rb\"");
}

TEST(CsvEscape, DisablesFormulas) {
    EXPECT_EQ(escape_for_csv("=1+1"), "'=1+1");
    EXPECT_EQ(escape_for_csv("+1"), "'+1");
    EXPECT_EQ(escape_for_csv("-1"), "'-1");
    EXPECT_EQ(escape_for_csv("@SUM(A1)"), "'@SUM(A1)");
    EXPECT_EQ(escape_for_csv("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
    EXPECT_EQ(escape_for_csv("=HYPERLINK(\"http://x\",\"y\")"),
              "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
}

// OWASP "CSV Injection": these can begin a formula too.
TEST(CsvEscape, DisablesFormulasAfterATabOrCarriageReturn) {
    for (const char* text : {"\t=1+1", "\r=1+1"}) {
        const std::string field = escape_for_csv(text);
        EXPECT_TRUE(field.starts_with('\'') || field.starts_with("\"'")) << field;
    }
}

TEST(Closest, FindsATypo) {
    const std::vector<std::string_view> known{"agent.window", "agent.name", "log.level"};
    EXPECT_EQ(closest("agent.windw", known), "agent.window");
    EXPECT_EQ(closest("agent.widnow", known), "agent.window");
    EXPECT_EQ(closest("log.levels", known), "log.level");
    EXPECT_EQ(closest("log.level", known), "log.level");
}

TEST(Closest, IgnoresDistantWords) {
    const std::vector<std::string_view> known{"agent.window", "log.level"};
    EXPECT_EQ(closest("zzzzzzzz", known), "");
    EXPECT_EQ(closest("", known), "");
    EXPECT_EQ(closest("x", {}), "");
}

TEST(Closest, HandlesLongWords) {
    const std::string word(100'000, 'a');
    const std::vector<std::string_view> known{"agent.window"};
    EXPECT_EQ(closest(word, known), "");
}

TEST(DidYouMean, IsAHintOrEmpty) {
    const std::vector<std::string_view> known{"level"};
    EXPECT_EQ(did_you_mean("levle", known), " (did you mean \"level\"?)");
    EXPECT_EQ(did_you_mean("colour", known), "");
}

TEST(Split, KeepsEmptyParts) {
    EXPECT_EQ(split("a:b", ':'), (std::vector<std::string_view>{"a", "b"}));
    EXPECT_EQ(split(":a::", ':'), (std::vector<std::string_view>{"", "a", "", ""}));
    EXPECT_EQ(split("abc", ':'), std::vector<std::string_view>{"abc"});
}

TEST(Trim, TrimsBothEnds) {
    EXPECT_EQ(trim("  a b \t\n"), "a b");
    EXPECT_EQ(trim(""), "");
    EXPECT_EQ(trim(" \t\r\n "), "");
}

TEST(ClipUtf8, CutsBetweenCharacters) {
    EXPECT_EQ(clip_utf8("abc", 3), "abc");
    EXPECT_EQ(clip_utf8("abc", 2), "ab");
    EXPECT_EQ(clip_utf8("a\u77ff", 4), "a\u77ff");
    EXPECT_EQ(clip_utf8("a\u77ff", 3), "a");
    EXPECT_EQ(clip_utf8("\u77ff", 2), "");
    EXPECT_EQ(clip_utf8("", 0), "");
}

} // namespace
} // namespace minewarden
