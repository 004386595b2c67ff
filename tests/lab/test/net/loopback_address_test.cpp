// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/net/loopback_address.h"

#include <gtest/gtest.h>

namespace minewarden::lab {
namespace {

TEST(LoopbackAddress, AcceptsLoopbackLiterals) {
    for (const char* text : {"127.0.0.1:3333", "127.0.0.1:0", "127.255.1.2:65535", "[::1]:3333"}) {
        const auto address = LoopbackAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->text(), text);
    }
    const auto longhand = LoopbackAddress::parse("[0:0:0:0:0:0:0:1]:80");
    ASSERT_TRUE(longhand);
    EXPECT_EQ(longhand->text(), "[::1]:80");
    EXPECT_EQ(longhand->port(), 80);
}

class RefusedAddress : public testing::TestWithParam<const char*> {};

TEST_P(RefusedAddress, IsAUsageError) {
    const auto address = LoopbackAddress::parse(GetParam());
    ASSERT_FALSE(address);
    EXPECT_EQ(exit_code(address.error().kind), 64);
    EXPECT_NE(address.error().message.find("is refused"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    LoopbackAddress, RefusedAddress,
    testing::Values("0.0.0.0:3333", "10.0.0.1:3333", "192.168.1.1:3333", "128.0.0.1:1",
                    "126.255.255.255:1", "8.8.8.8:53", "255.255.255.255:1", "169.254.169.254:80",
                    "localhost:3333", "pool.example:3333", "127.0.0.1.example:3333", "[::]:3333",
                    "[::2]:3333", "[fe80::1]:3333", "[::ffff:127.0.0.1]:3333",
                    "[::ffff:8.8.8.8]:3333", "[::1%lo]:3333", "[localhost]:3333", "::1:3333",
                    "0x7f000001:3333", "2130706433:3333", "127.1:3333", "0127.0.0.1:3333",
                    "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 80",
                    " 127.0.0.1:80", "127.0.0.1:80 ", ":3333", "[]:3333", "[::1]", "", ":",
                    "127.0.0.1:0x50", "\x1b[31m:80"));

TEST(LoopbackAddress, ErrorsHaveNoTerminalEscapes) {
    const auto address = LoopbackAddress::parse("\x1b[31mred\xff:80");
    ASSERT_FALSE(address);
    EXPECT_EQ(address.error().message.find('\x1b'), std::string::npos);
}

} // namespace
} // namespace minewarden::lab
