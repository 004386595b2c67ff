// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/net/line_buffer.h"

#include <gtest/gtest.h>

namespace minewarden::lab {
namespace {

TEST(LineBuffer, SplitsAtNewlinesHoweverTheStreamIsCut) {
    LineBuffer lines(100);
    for (const char c : std::string("one\r\ntwo\n\nthree"))
        ASSERT_TRUE(lines.append(std::string(1, c)));
    EXPECT_EQ(lines.next(), "one");
    EXPECT_EQ(lines.next(), "two");
    EXPECT_EQ(lines.next(), "");
    EXPECT_EQ(lines.next(), std::nullopt);
    ASSERT_TRUE(lines.append("!\nfour\n"));
    EXPECT_EQ(lines.next(), "three!");
    EXPECT_EQ(lines.next(), "four");
    EXPECT_EQ(lines.next(), std::nullopt);
}

TEST(LineBuffer, KeepsZeroBytes) {
    LineBuffer lines(100);
    ASSERT_TRUE(lines.append(std::string_view("a\0b\n", 4)));
    EXPECT_EQ(lines.next(), std::string("a\0b", 3));
}

TEST(LineBuffer, RefusesALineOverTheLimit) {
    LineBuffer exact(4);
    EXPECT_TRUE(exact.append("1234\n1234\n"));
    LineBuffer ended(4);
    EXPECT_FALSE(ended.append("1\n12345\n"));
    LineBuffer endless(4);
    EXPECT_TRUE(endless.append("123"));
    EXPECT_TRUE(endless.append("4"));
    EXPECT_FALSE(endless.append("5"));
}

} // namespace
} // namespace minewarden::lab
