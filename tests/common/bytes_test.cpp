// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace minewarden {
namespace {

TEST(Hex, IsLowerCase) {
    EXPECT_EQ(to_hex(as_bytes(std::string("\x00\x0f\xa0\xff", 4))), "000fa0ff");
    EXPECT_EQ(to_hex(ByteView{}), "");
}

TEST(Hex, ReadsEitherCase) {
    EXPECT_EQ(from_hex("00aBFf"), std::string("\x00\xab\xff", 3));
    EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, RefusesOddLength) {
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("abc"));
}

TEST(Hex, RefusesOtherCharacters) {
    for (const char* text :
         {"0g", "0x", " 0", "0 ", "-1", "+1", "::", "@@", "``", "//", "\xc3\xa9"})
        EXPECT_FALSE(from_hex(text)) << text;
    EXPECT_FALSE(from_hex(std::string_view("0\0", 2)));
}

RC_GTEST_PROP(Hex, ReadsBackWhatItWrites, (const std::string& bytes)) {
    RC_ASSERT(from_hex(to_hex(as_bytes(bytes))) == bytes);
}

// FIPS 180-4 examples.
TEST(Sha256, GivesThePublishedDigests) {
    EXPECT_EQ(to_hex(sha256(as_bytes(""))),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256(as_bytes(std::string(1'000'000, 'a')))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Opaque, TakesExactlyItsSize) {
    const std::string bytes(33, 'x');
    const auto part = [&](std::size_t size) {
        return as_bytes(std::string_view(bytes).substr(0, size));
    };
    EXPECT_FALSE(Digest::from(part(0)));
    EXPECT_FALSE(Digest::from(part(31)));
    EXPECT_FALSE(Digest::from(part(33)));
    const auto digest = Digest::from(part(32));
    ASSERT_TRUE(digest);
    EXPECT_EQ(as_text(digest->view()), std::string(32, 'x'));
}

TEST(Opaque, IsZeroUntilSet) {
    EXPECT_EQ(to_hex(BootId{}), std::string(32, '0'));
}

TEST(Random, FillsEveryByte) {
    std::array<std::uint8_t, 32> seen{};
    for (int i = 0; i < 64; ++i) {
        std::array<std::uint8_t, 32> drawn{};
        fill_random(drawn);
        for (std::size_t k = 0; k < drawn.size(); ++k) seen[k] |= drawn[k];
    }
    EXPECT_TRUE(std::ranges::none_of(seen, [](std::uint8_t byte) { return byte == 0; }));
}

} // namespace
} // namespace minewarden
