// SPDX-License-Identifier: Apache-2.0
#include "common/cbor/value.h"
#include "tests/common/support/unicode.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden::cbor {
namespace {

std::string any_text() {
    std::string text;
    const int length = *rc::gen::inRange(0, 12);
    for (int i = 0; i < length; ++i) {
        const auto point = *rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0, 0x80),
                                           rc::gen::inRange<std::uint32_t>(0x80, 0xd800),
                                           rc::gen::inRange<std::uint32_t>(0xe000, 0x110000));
        text += test::to_utf8(point);
    }
    return text;
}

Value any_value(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 7 : 5)) {
    case 0:
        return {};
    case 1:
        return *rc::gen::arbitrary<bool>();
    case 2:
        return *rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(),
                               rc::gen::inRange<std::int64_t>(-70'000, 70'000));
    case 3:
        return any_text();
    case 4:
        return Value(as_bytes(*rc::gen::arbitrary<std::string>()));
    case 5: {
        Array array;
        const int size = *rc::gen::inRange(0, 5);
        for (int i = 0; i < size; ++i) array.push_back(any_value(depth - 1));
        return array;
    }
    default: {
        Map map;
        const int size = *rc::gen::inRange(0, 5);
        for (int i = 0; i < size; ++i) map.insert_or_assign(any_text(), any_value(depth - 1));
        return map;
    }
    }
}

RC_GTEST_PROP(CborRoundTrip, DecodesWhatItEncodes, ()) {
    const Value value = any_value(4);
    const auto decoded = decode(as_bytes(encode(value)));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == value);
}

// Each value has one encoding: bytes that decode accepts must equal the output of encode.
RC_GTEST_PROP(CborRoundTrip, AcceptedBytesAreCanonical, ()) {
    std::string bytes = encode(any_value(3));
    const int changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) {
        const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
        const char byte = static_cast<char>(*rc::gen::arbitrary<unsigned char>());
        const int kind = *rc::gen::inRange(0, 3);
        if (place == bytes.size() || kind == 0)
            bytes.insert(place, 1, byte);
        else if (kind == 1)
            bytes.erase(place, 1);
        else
            bytes[place] = byte;
    }
    const auto decoded = decode(as_bytes(bytes));
    if (decoded) RC_ASSERT(encode(*decoded) == bytes);
}

RC_GTEST_PROP(CborRoundTrip, RandomBytesAreRefusedOrCanonical, (const std::string& bytes)) {
    const auto decoded = decode(as_bytes(bytes));
    if (decoded) RC_ASSERT(encode(*decoded) == bytes);
}

TEST(CborRoundTrip, ReadsTheDeepestValueThatItWrites) {
    Value value = 0;
    for (std::size_t i = 1; i < maximum_depth; ++i) value = Array{value};
    const auto decoded = decode(as_bytes(encode(value)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, value);
}

} // namespace
} // namespace minewarden::cbor
