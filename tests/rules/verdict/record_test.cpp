// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/records.h"

#include <gtest/gtest.h>

/// Compares the encoding with vectors that generate.py made without code of minewarden.
namespace minewarden::rules {
namespace {

using test::login_record;
using test::rounding_record;
using test::vector_bytes;
using test::vector_rules;

TEST(VerdictRecord, IsEncodedAsDocumented) {
    EXPECT_EQ(to_hex(as_bytes(encode_record(login_record()))),
              to_hex(as_bytes(vector_bytes("login.hex"))));
    EXPECT_EQ(to_hex(as_bytes(encode_record(rounding_record()))),
              to_hex(as_bytes(vector_bytes("rounding.hex"))));
}

TEST(VerdictRecord, IsDecodedAsDocumented) {
    const auto login = decode_record(as_bytes(vector_bytes("login.hex")));
    ASSERT_TRUE(login) << login.error().message;
    EXPECT_EQ(login->record, login_record());
    EXPECT_EQ(login->newer, std::vector<std::string>{});
    const auto rounding = decode_record(as_bytes(vector_bytes("rounding.hex")));
    ASSERT_TRUE(rounding) << rounding.error().message;
    EXPECT_EQ(rounding->record, rounding_record());
    EXPECT_EQ(rounding->newer, std::vector<std::string>{});
}

TEST(VerdictRecord, IsRecomputedFromItsObservations) {
    for (const char* name : {"login.hex", "rounding.hex"}) {
        const auto again = recompute_record(as_bytes(vector_bytes(name)), *vector_rules());
        EXPECT_TRUE(again) << name << ": " << (again ? "" : again.error().message);
    }
}

TEST(VerdictRecord, FitsTheArithmetic) {
    for (const VerdictRecord& record : {login_record(), rounding_record()}) {
        std::vector<WeighedEvidence> evidence;
        for (const RecordedEvidence& one : record.evidence)
            evidence.push_back({one.family, one.weight, one.age});
        EXPECT_EQ(test::judge(evidence, record.carried), record.verdict) << record.activity.name();
    }
}

TEST(VerdictRecord, CarriedStateHasADigest) {
    // {"held": "none", "refuting": 0} in CBOR by hand.
    EXPECT_EQ(to_hex(digest_of({})),
              to_hex(sha256(as_bytes(*from_hex("a26468656c64646e6f6e65687265667574696e6700")))));
    EXPECT_NE(digest_of({Certainty::suspected, 0}), digest_of({Certainty::suspected, -1}));
}

TEST(FindingId, MatchesTheVector) {
    const std::string lines = test::vector_file("finding-id.hex");
    const std::size_t last = lines.rfind('\n', lines.size() - 2);
    const std::string expected = lines.substr(last + 1, 32);
    std::array<std::uint8_t, 32> key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(100 + i);
    const VerdictRecord record = login_record();
    EXPECT_EQ(to_hex(finding_id(key, record.boot, record.subject, record.activity)), expected);
    EXPECT_EQ(expected.size(), 32U);
}

TEST(FindingId, DependsOnEachOfItsParts) {
    const std::array<std::uint8_t, 32> key{};
    const VerdictRecord record = login_record();
    const FindingId id = finding_id(key, record.boot, record.subject, record.activity);
    auto other_key = key;
    other_key[31] = 1;
    BootId other_boot = record.boot;
    other_boot.bytes[0] ^= 1;
    EXPECT_NE(finding_id(other_key, record.boot, record.subject, record.activity), id);
    EXPECT_NE(finding_id(key, other_boot, record.subject, record.activity), id);
    EXPECT_NE(finding_id(key, record.boot, ImageKey{4243, 123'456'789'012, 2}, record.activity),
              id);
    EXPECT_NE(finding_id(key, record.boot, ImageKey{4242, 123'456'789'013, 2}, record.activity),
              id);
    EXPECT_NE(finding_id(key, record.boot, ImageKey{4242, 123'456'789'012, 3}, record.activity),
              id);
    EXPECT_NE(finding_id(key, record.boot, record.subject, test::activity("mining.pow.cpu")), id);
    EXPECT_NE(finding_id(key, record.boot, HostSubject{}, record.activity), id);
    EXPECT_NE(finding_id(key, record.boot, WorkloadSubject{4242}, record.activity),
              finding_id(key, record.boot, NetworkNamespaceSubject{4242}, record.activity));
}

TEST(ObservationEncoding, OmitsUnknownValues) {
    const Observation observation =
        test::observe(ObservationType::process_exec, {{"command", test::text("x")}});
    const auto encoded = to_cbor(observation);
    const auto* map = encoded.get_if<cbor::Map>();
    ASSERT_NE(map, nullptr);
    const auto* fields = map->find("fields")->second.get_if<cbor::Map>();
    ASSERT_NE(fields, nullptr);
    EXPECT_EQ(fields->size(), 1U);
    const auto decoded = observation_from_cbor(encoded);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, observation);
}

TEST(ObservationEncoding, RefusesMalformedObservations) {
    const cbor::Value good = to_cbor(test::observe(ObservationType::stratum_message,
                                                   {{"remote_address", test::address("::1")}}));
    const auto with = [&](const char* key, cbor::Value value) {
        cbor::Map map = *good.get_if<cbor::Map>();
        map.insert_or_assign(key, std::move(value));
        return observation_from_cbor(map);
    };
    EXPECT_TRUE(observation_from_cbor(good));
    EXPECT_FALSE(with("type", "stratum.mesage"));
    EXPECT_FALSE(with("type", 5));
    EXPECT_FALSE(with("time", -1));
    EXPECT_FALSE(with("time", "now"));
    EXPECT_FALSE(with("entity", "x"));
    EXPECT_FALSE(with("other", 1));
    EXPECT_FALSE(with("fields", cbor::Array{}));
    EXPECT_FALSE(with("fields", cbor::Map{{"remote_adress", "::1"}}));
    EXPECT_FALSE(with("fields", cbor::Map{{"remote_address", "localhost"}}));
    EXPECT_FALSE(with("fields", cbor::Map{{"remote_address", 5}}));
    EXPECT_FALSE(with("fields", cbor::Map{{"remote_port", "5"}}));
    EXPECT_FALSE(with("fields", cbor::Map{{"sent", 1}}));
    EXPECT_FALSE(with("fields", cbor::Map{{"dialect", cbor::Value{}}}));
    for (const char* key : {"type", "time", "entity", "fields"}) {
        cbor::Map map = *good.get_if<cbor::Map>();
        map.erase(key);
        EXPECT_FALSE(observation_from_cbor(map)) << key;
    }
    EXPECT_FALSE(observation_from_cbor(5));
}

} // namespace
} // namespace minewarden::rules
