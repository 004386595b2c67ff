// SPDX-License-Identifier: Apache-2.0
#include "common/cbor/value.h"

#include <gtest/gtest.h>

#include <limits>

namespace minewarden::cbor {
namespace {

std::string hex(const Value& value) {
    return to_hex(as_bytes(encode(value)));
}

Value bytes(std::string_view text) {
    return {as_bytes(text)};
}

// The examples of RFC 8949, appendix A, that are in this subset.

TEST(CborEncode, UnsignedIntegers) {
    EXPECT_EQ(hex(0), "00");
    EXPECT_EQ(hex(1), "01");
    EXPECT_EQ(hex(10), "0a");
    EXPECT_EQ(hex(23), "17");
    EXPECT_EQ(hex(24), "1818");
    EXPECT_EQ(hex(25), "1819");
    EXPECT_EQ(hex(100), "1864");
    EXPECT_EQ(hex(1000), "1903e8");
    EXPECT_EQ(hex(1000000), "1a000f4240");
    EXPECT_EQ(hex(std::int64_t{1000000000000}), "1b000000e8d4a51000");
}

TEST(CborEncode, NegativeIntegers) {
    EXPECT_EQ(hex(-1), "20");
    EXPECT_EQ(hex(-10), "29");
    EXPECT_EQ(hex(-100), "3863");
    EXPECT_EQ(hex(-1000), "3903e7");
}

TEST(CborEncode, LengthsChangeAtTheirLimits) {
    EXPECT_EQ(hex(255), "18ff");
    EXPECT_EQ(hex(256), "190100");
    EXPECT_EQ(hex(65535), "19ffff");
    EXPECT_EQ(hex(65536), "1a00010000");
    EXPECT_EQ(hex(std::int64_t{4294967295}), "1affffffff");
    EXPECT_EQ(hex(std::int64_t{4294967296}), "1b0000000100000000");
    EXPECT_EQ(hex(-24), "37");
    EXPECT_EQ(hex(-25), "3818");
    EXPECT_EQ(hex(-256), "38ff");
    EXPECT_EQ(hex(-257), "390100");
}

TEST(CborEncode, TheLimitsOf64SignedBits) {
    EXPECT_EQ(hex(std::numeric_limits<std::int64_t>::max()), "1b7fffffffffffffff");
    EXPECT_EQ(hex(std::numeric_limits<std::int64_t>::min()), "3b7fffffffffffffff");
}

TEST(CborEncode, SimpleValues) {
    EXPECT_EQ(hex(false), "f4");
    EXPECT_EQ(hex(true), "f5");
    EXPECT_EQ(hex(Value{}), "f6");
}

TEST(CborEncode, ByteStrings) {
    EXPECT_EQ(hex(bytes("")), "40");
    EXPECT_EQ(hex(bytes("\x01\x02\x03\x04")), "4401020304");
}

TEST(CborEncode, TextStrings) {
    EXPECT_EQ(hex(""), "60");
    EXPECT_EQ(hex("a"), "6161");
    EXPECT_EQ(hex("IETF"), "6449455446");
    EXPECT_EQ(hex("\"\\"), "62225c");
    EXPECT_EQ(hex("\u00fc"), "62c3bc");
    EXPECT_EQ(hex("\u6c34"), "63e6b0b4");
    EXPECT_EQ(hex("\U00010151"), "64f0908591");
}

TEST(CborEncode, Arrays) {
    EXPECT_EQ(hex(Array{}), "80");
    EXPECT_EQ(hex(Array{1, 2, 3}), "83010203");
    EXPECT_EQ(hex(Array{1, Array{2, 3}, Array{4, 5}}), "8301820203820405");
    Array many;
    for (int i = 1; i <= 25; ++i) many.emplace_back(i);
    EXPECT_EQ(hex(many), "98190102030405060708090a0b0c0d0e0f101112131415161718181819");
}

TEST(CborEncode, Maps) {
    EXPECT_EQ(hex(Map{}), "a0");
    EXPECT_EQ(hex(Map{{"a", 1}, {"b", Array{2, 3}}}), "a26161016162820203");
    EXPECT_EQ(hex(Array{"a", Map{{"b", "c"}}}), "826161a161626163");
    EXPECT_EQ(hex(Map{{"a", "A"}, {"b", "B"}, {"c", "C"}, {"d", "D"}, {"e", "E"}}),
              "a56161614161626142616361436164614461656145");
}

// RFC 8949, 4.2.1: keys in the bytewise order of their encodings.

TEST(CborEncode, ShorterKeysComeFirst) {
    EXPECT_EQ(hex(Map{{"aa", 1}, {"b", 2}, {"", 3}}), "a3600361620262616101");
}

TEST(CborEncode, KeysCompareAsUnsignedBytes) {
    // 0xc3 sorts after 0x7a, although it is negative as a signed char.
    EXPECT_EQ(hex(Map{{"\u00fc", 1}, {"zz", 2}}), "a2627a7a0262c3bc01");
}

TEST(CborEncode, LongTextHasATwoByteLength) {
    const std::string encoded = encode(std::string(300, 'x'));
    EXPECT_EQ(to_hex(as_bytes(encoded.substr(0, 4))), "79012c78");
    EXPECT_EQ(encoded.size(), 303U);
}

} // namespace
} // namespace minewarden::cbor
