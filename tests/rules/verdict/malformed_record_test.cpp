// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/records.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

/// Bytes that are not a verdict record.
namespace minewarden::rules {
namespace {

using test::rounding_record;

const std::string& good() {
    static const std::string bytes = encode_record(rounding_record());
    return bytes;
}

bool is_record(std::string_view bytes) {
    return decode_record(as_bytes(bytes)).has_value();
}

bool is_record_after(const std::function<void(cbor::Map&)>& change) {
    auto value = *cbor::decode(as_bytes(good()));
    change(*value.get_if<cbor::Map>());
    return is_record(cbor::encode(value));
}

TEST(MalformedRecord, RefusesEveryTruncation) {
    ASSERT_TRUE(is_record(good()));
    for (std::size_t length = 0; length < good().size(); ++length)
        EXPECT_FALSE(is_record(good().substr(0, length))) << length;
}

TEST(MalformedRecord, RefusesTrailingBytes) {
    EXPECT_FALSE(is_record(good() + '\0'));
    EXPECT_FALSE(is_record(good() + good()));
}

TEST(MalformedRecord, RefusesAnotherEncoding) {
    // The map head a? in the longer form b8 0?.
    std::string longer = good();
    const char count = static_cast<char>(longer[0] & 0x1f);
    longer.replace(0, 1, std::string("\xb8") + count);
    EXPECT_FALSE(is_record(longer));
}

TEST(MalformedRecord, RequiresEachKey) {
    for (const char* key : {"format", "rule_set", "boot_id", "subject", "activity", "window",
                            "window_ns", "carried", "carried_sha256", "evidence", "verdict"})
        EXPECT_FALSE(is_record_after([=](cbor::Map& map) { map.erase(key); })) << key;
}

TEST(MalformedRecord, RequiresTheTypeOfEachKey) {
    for (const char* key : {"format", "rule_set", "boot_id", "subject", "activity", "window",
                            "window_ns", "carried", "carried_sha256", "evidence", "verdict"})
        for (const cbor::Value& value :
             {cbor::Value{}, cbor::Value(true), cbor::Value(cbor::Array{5})})
            EXPECT_FALSE(is_record_after([&](cbor::Map& map) { map.insert_or_assign(key, value); }))
                << key;
}

TEST(MalformedRecord, RefusesAnotherFormat) {
    for (const char* format : {"", "minewarden.verdict", "minewarden.case/1", "verdict/2"})
        EXPECT_FALSE(is_record_after([=](cbor::Map& map) {
            map.insert_or_assign("format", format);
        })) << format;
}

TEST(MalformedRecord, RequiresTheLengthOfDigests) {
    for (const char* key : {"rule_set", "carried_sha256"})
        EXPECT_FALSE(is_record_after([=](cbor::Map& map) {
            map.insert_or_assign(key, as_bytes("short"));
        })) << key;
}

TEST(MalformedRecord, RefusesOtherValues) {
    for (const char* hex : {"", "00", "f6", "80", "a0", "60", "a1616100"})
        EXPECT_FALSE(is_record(*from_hex(hex))) << hex;
}

TEST(MalformedRecord, RefusesMoreThanOneMebibyte) {
    VerdictRecord record = rounding_record();
    record.evidence[1].observations[0].observation.set(stratum_message::software,
                                                       test::text(std::string(1 << 20, 'x')));
    EXPECT_FALSE(is_record(encode_record(record)));
    record.evidence[1].observations[0].observation.set(stratum_message::software,
                                                       test::text(std::string(1 << 19, 'x')));
    EXPECT_TRUE(is_record(encode_record(record)));
}

// Accepted bytes must be the canonical encoding of the decoded record.
RC_GTEST_PROP(MalformedRecord, DetectsDamage, ()) {
    static const auto rules = test::vector_rules();
    std::string bytes = good();
    const auto place = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[place] = static_cast<char>(bytes[place] ^ (1 << *rc::gen::inRange(0, 8)));
    const auto decoded = decode_record(as_bytes(bytes));
    const auto again = recompute_record(as_bytes(bytes), *rules);
    if (again) {
        RC_ASSERT(decoded.has_value());
        RC_ASSERT(encode_record(decoded->record) == bytes);
        RC_ASSERT(decoded->record.verdict == rounding_record().verdict);
    }
}

RC_GTEST_PROP(MalformedRecord, HandlesAnyBytes, (const std::string& bytes)) {
    (void)decode_record(as_bytes(bytes));
}

} // namespace
} // namespace minewarden::rules
