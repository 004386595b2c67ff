// SPDX-License-Identifier: Apache-2.0
#include "common/cbor/value.h"

#include <gtest/gtest.h>

#include <limits>
#include <regex>

namespace minewarden::cbor {
namespace {

Result<Value> decode_hex(std::string_view hex) {
    return decode(as_bytes(from_hex(hex).value()));
}

void expect_refused(std::string_view hex, const char* why) {
    const auto value = decode_hex(hex);
    ASSERT_FALSE(value) << why << ": " << hex;
    EXPECT_EQ(value.error().kind, ErrorKind::data) << why;
}

TEST(CborDecode, ReadsTheExamplesOfTheStandard) {
    const auto value = decode_hex("a26161016162820203");
    ASSERT_TRUE(value);
    EXPECT_EQ(*value, Value(Map{{"a", 1}, {"b", Array{2, 3}}}));
}

TEST(CborDecode, ReadsTheLimitsOf64SignedBits) {
    EXPECT_EQ(*decode_hex("1b7fffffffffffffff"), Value(std::numeric_limits<std::int64_t>::max()));
    EXPECT_EQ(*decode_hex("3b7fffffffffffffff"), Value(std::numeric_limits<std::int64_t>::min()));
}

TEST(CborDecode, RefusesIntegersBeyond64SignedBits) {
    expect_refused("1b8000000000000000", "2^63");
    expect_refused("1bffffffffffffffff", "2^64-1");
    expect_refused("3b8000000000000000", "-2^63-1");
    expect_refused("3bffffffffffffffff", "-2^64");
}

TEST(CborDecode, RefusesEmptyInput) {
    expect_refused("", "nothing");
}

TEST(CborDecode, RefusesIndefiniteLengths) {
    for (const char* hex :
         {"5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff",
          "83018202039f0405ff", "bf61610161629f0203ffff", "bfff", "ff"})
        expect_refused(hex, "indefinite length");
}

TEST(CborDecode, RefusesLongerFormsThanNeeded) {
    for (const char* hex : {"1800",
                            "1817",
                            "190000",
                            "1900ff",
                            "1a00000000",
                            "1a0000ffff",
                            "1b0000000000000000",
                            "1b00000000ffffffff",
                            "3800",
                            "3817",
                            "3900ff",
                            "580161",
                            "5800",
                            "780161",
                            "79000161",
                            "7a0000000161",
                            "7b000000000000000161",
                            "9800",
                            "980101",
                            "990001f6",
                            "b800",
                            "b801616101",
                            "f814",
                            "f815",
                            "f816"})
        expect_refused(hex, "longer form");
}

TEST(CborDecode, RefusesUnsortedKeys) {
    expect_refused("a2616201616102", "b before a");
    expect_refused("a262616101616202", "longer before shorter");
    expect_refused("a262c3bc01627a7a02", "0xc3 before 0x7a");
}

TEST(CborDecode, RefusesRepeatedKeys) {
    expect_refused("a2616101616101", "same value");
    expect_refused("a2616101616102", "another value");
}

TEST(CborDecode, RefusesKeysThatAreNotText) {
    for (const char* hex : {"a201020304", "a1f601", "a1416101", "a18001", "a1a001", "a1f501"})
        expect_refused(hex, "key is not text");
}

TEST(CborDecode, RefusesFloats) {
    for (const char* hex : {"f90000", "f98000", "f93c00", "fa47c35000", "fb3ff199999999999a",
                            "f97c00", "f97e00", "fb7ff0000000000000"})
        expect_refused(hex, "float");
}

TEST(CborDecode, RefusesOtherSimpleValues) {
    for (const char* hex : {"f7", "f0", "f818", "f8ff", "e0", "f3", "fc", "fd", "fe"})
        expect_refused(hex, "simple value");
}

TEST(CborDecode, RefusesTags) {
    for (const char* hex :
         {"c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0", "d74401020304",
          "d818456449455446", "c249010000000000000000", "d9d9f700"})
        expect_refused(hex, "tag");
}

TEST(CborDecode, RefusesReservedLengths) {
    for (const char* hex : {"1c", "1d", "1e", "1f", "3c", "5c", "7d", "9e", "bc", "3f"})
        expect_refused(hex, "reserved additional information");
}

TEST(CborDecode, RefusesInvalidUtf8) {
    for (const char* hex : {"61ff", "6180", "61c3", "62c080", "62c1bf", "63e08080", "63eda080",
                            "63edbfbf", "64f0808080", "64f4908080", "64f5808080", "62c328"})
        expect_refused(hex, "text");
    expect_refused("a161ff01", "key");
}

TEST(CborDecode, ReadsTextAtTheLimitsOfUnicode) {
    for (const char* hex : {"6100", "62c280", "63e0a080", "63ed9fbf", "63ee8080", "64f0908080",
                            "64f48fbfbf", "63efbfbf"})
        EXPECT_TRUE(decode_hex(hex)) << hex;
}

TEST(CborDecode, RefusesTrailingBytes) {
    expect_refused("0000", "two integers");
    expect_refused("8000", "array and integer");
    expect_refused("f6ff", "null and break");
}

TEST(CborDecode, RefusesTruncationAtAnyByte) {
    const std::string whole =
        encode(Map{{"list", Array{1, -300, std::int64_t{1} << 40, Value{}, true}},
                   {"text", std::string(30, 'x') + "\u6c34"},
                   {"bytes", Value(as_bytes("binary"))},
                   {"map", Map{{"inner", Array{Map{{"", 70000}}}}}}});
    ASSERT_TRUE(decode(as_bytes(whole)));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        // Copy to a buffer of exactly this size, so that the sanitizer detects a read past it.
        const std::vector<std::uint8_t> part(whole.begin(),
                                             whole.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_FALSE(decode(part)) << length;
    }
}

TEST(CborDecode, ErrorsNameTheByteOffset) {
    // The offset must be between the first byte of the item and the byte after it.
    const auto names = [](std::string_view hex, int first, int last) {
        const auto value = decode_hex(hex);
        std::smatch number;
        if (value || !std::regex_search(value.error().message, number, std::regex("byte ([0-9]+)")))
            return false;
        const int offset = std::stoi(number[1]);
        return first <= offset && offset <= last;
    };
    EXPECT_TRUE(names("8401021817f6", 3, 5)) << "longer form";
    EXPECT_TRUE(names("820cf93c00", 2, 5)) << "float";
    EXPECT_TRUE(names("81c100", 1, 3)) << "tag";
    EXPECT_TRUE(names("a2616101616102", 4, 6)) << "repeated key";
    EXPECT_TRUE(names("83010203f6", 4, 4)) << "trailing byte";
    EXPECT_TRUE(names("8361615903", 3, 5)) << "cut short";
}

TEST(CborDecode, LimitsDepth) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '\x81') + '\x00'; };
    EXPECT_TRUE(decode(as_bytes(nested(maximum_depth - 1))));
    for (const std::size_t depth : {maximum_depth + 1, std::size_t{10'000}, std::size_t{1'000'000}})
        EXPECT_FALSE(decode(as_bytes(nested(depth)))) << depth;
    std::string maps;
    for (int i = 0; i < 100'000; ++i) maps += "\xa1\x61\x61";
    EXPECT_FALSE(decode(as_bytes(maps + '\x00')));
}

TEST(CborDecode, LimitsTheNumberOfItems) {
    const auto flat = [](std::size_t items) { return encode(Array(items, Value(0))); };
    EXPECT_TRUE(decode(as_bytes(flat(maximum_items - 1))));
    EXPECT_FALSE(decode(as_bytes(flat(maximum_items + 1))));
}

TEST(CborDecode, CountsTheItemsOfAllArrays) {
    const Array wide(40'000, Value(0));
    EXPECT_TRUE(decode(as_bytes(encode(Array{wide, wide}))));
    EXPECT_FALSE(decode(as_bytes(encode(Array{wide, wide, wide}))));
}

TEST(CborDecode, RefusesLengthsBeyondTheInput) {
    for (const char* hex :
         {"9b7fffffffffffffff", "9bffffffffffffffff", "9a00010000", "bb7fffffffffffffff",
          "ba00010000", "5b7fffffffffffffff", "5bffffffffffffffff", "7bffffffffffffffff",
          "5a7fffffff00", "7a7fffffff00", "98ff", "b8ff", "58ff"})
        expect_refused(hex, "promised length");
}

} // namespace
} // namespace minewarden::cbor
