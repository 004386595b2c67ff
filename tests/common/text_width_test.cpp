// SPDX-License-Identifier: Apache-2.0
#include "common/text.h"
#include "tests/common/support/unicode.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden {
namespace {

TEST(DisplayWidth, AsciiTakesOneColumn) {
    EXPECT_EQ(display_width(""), 0U);
    EXPECT_EQ(display_width("plain text"), 10U);
    EXPECT_EQ(display_width("\u00fcber"), 4U);
}

TEST(DisplayWidth, ChineseTakesTwoColumns) {
    EXPECT_EQ(display_width("挖矿"), 4U);
    EXPECT_EQ(display_width("CPU 工作量证明挖矿"), 18U);
}

TEST(DisplayWidth, ChinesePunctuationTakesTwoColumns) {
    EXPECT_EQ(display_width("，。、；：？！（）《》「」"), 26U);
    EXPECT_EQ(display_width("\u3000"), 2U) << "ideographic space";
}

TEST(DisplayWidth, OtherWideScriptsTakeTwoColumns) {
    EXPECT_EQ(display_width("カナ"), 4U);
    EXPECT_EQ(display_width("한글"), 4U);
    EXPECT_EQ(display_width("\U00020000"), 2U) << "rare Han";
    EXPECT_EQ(display_width("ＡＢ"), 4U) << "full-width Latin";
}

TEST(DisplayWidth, HalfWidthKatakanaTakesOneColumn) {
    EXPECT_EQ(display_width("ｶﾅ"), 2U);
}

TEST(DisplayWidth, AmbiguousCharactersTakeOneColumn) {
    EXPECT_EQ(display_width("…"), 1U);
    EXPECT_EQ(display_width("“”"), 2U);
    EXPECT_EQ(display_width("─│"), 2U);
}

TEST(FitToWidth, PadsShortText) {
    EXPECT_EQ(fit_to_width("ab", 4), "ab  ");
    EXPECT_EQ(fit_to_width("中", 4), "中  ");
    EXPECT_EQ(fit_to_width("", 3), "   ");
}

TEST(FitToWidth, KeepsFittingText) {
    EXPECT_EQ(fit_to_width("abcd", 4), "abcd");
    EXPECT_EQ(fit_to_width("中文", 4), "中文");
}

TEST(FitToWidth, EndsLongTextInAnEllipsis) {
    EXPECT_EQ(fit_to_width("abcdef", 4), "abc…");
    EXPECT_EQ(fit_to_width("abcdef", 1), "…");
}

TEST(FitToWidth, DoesNotSplitAWideCharacter) {
    EXPECT_EQ(fit_to_width("中文字", 5), "中文…");
    EXPECT_EQ(fit_to_width("中文字", 4), "中… ");
    EXPECT_EQ(fit_to_width("中文", 2), "… ");
}

TEST(FitToWidth, ReturnsNothingForNoColumns) {
    EXPECT_EQ(fit_to_width("abc", 0), "");
    EXPECT_EQ(fit_to_width("", 0), "");
}

RC_GTEST_PROP(FitToWidth, TheResultHasExactlyTheWidth, ()) {
    std::string text;
    const int length = *rc::gen::inRange(0, 30);
    for (int i = 0; i < length; ++i)
        text += test::to_utf8(*rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0x20, 0x7f),
                                              rc::gen::inRange<std::uint32_t>(0x4e00, 0x9fff),
                                              rc::gen::inRange<std::uint32_t>(0xff01, 0xff60)));
    const auto columns = *rc::gen::inRange<std::size_t>(0, 40);
    const std::string fitted = fit_to_width(text, columns);
    RC_ASSERT(test::is_utf8(fitted));
    RC_ASSERT(display_width(fitted) == columns);
}

} // namespace
} // namespace minewarden
