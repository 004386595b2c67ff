// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/claim.h"
#include "tests/rules/support/records.h"

#include <gtest/gtest.h>

#include <functional>

/// Records of a newer version: known parts are decoded, unknown parts are listed.
namespace minewarden::rules {
namespace {

using test::rounding_record;

cbor::Map& map_at(cbor::Map& map, const char* key) {
    return *map.find(key)->second.get_if<cbor::Map>();
}
cbor::Map& evidence_at(cbor::Map& map, std::size_t index) {
    return *(*map.find("evidence")->second.get_if<cbor::Array>())[index].get_if<cbor::Map>();
}
cbor::Map& observation_at(cbor::Map& map, std::size_t index) {
    auto& placed = *evidence_at(map, index).find("observations")->second.get_if<cbor::Array>();
    return map_at(*placed[0].get_if<cbor::Map>(), "observation");
}

struct Change {
    const char* newer; ///< how it is listed
    std::function<void(cbor::Map&)> make;
};

const std::vector<Change>& changes() {
    static const std::vector<Change> all{
        {"note", [](cbor::Map& map) { map.emplace("note", "x"); }},
        {"subject: ", [](cbor::Map& map) { map_at(map, "subject").emplace("namespace", 4); }},
        {"subject: ",
         [](cbor::Map& map) {
             map.insert_or_assign("subject", cbor::Map{{"kind", "pod"}, {"uid", "x"}});
         }},
        {"verdict.mood", [](cbor::Map& map) { map_at(map, "verdict").emplace("mood", "x"); }},
        {"verdict.certainty: \"certain\"",
         [](cbor::Map& map) { map_at(map, "verdict").insert_or_assign("certainty", "certain"); }},
        {"verdict.families.gait",
         [](cbor::Map& map) { map_at(map_at(map, "verdict"), "families").emplace("gait", 5); }},
        {"verdict.attributes.pool",
         [](cbor::Map& map) { map_at(map_at(map, "verdict"), "attributes").emplace("pool", "x"); }},
        {"verdict.attributes.actor",
         [](cbor::Map& map) {
             map_at(map_at(map, "verdict"), "attributes").emplace("actor", "bystander");
         }},
        {"evidence.2.family: \"gait\"",
         [](cbor::Map& map) { evidence_at(map, 2).insert_or_assign("family", "gait"); }},
        {"evidence.2.note", [](cbor::Map& map) { evidence_at(map, 2).emplace("note", "x"); }},
        {"evidence.2.observations.0: ",
         [](cbor::Map& map) { observation_at(map, 2).insert_or_assign("type", "code.sample"); }},
        {"evidence.2.observations.0: ",
         [](cbor::Map& map) { map_at(observation_at(map, 2), "fields").emplace("new_field", 1); }},
        {"evidence.2.observations.0: ",
         [](cbor::Map& map) { observation_at(map, 2).emplace("confidence", 1); }},
        {"activity: \"mining.pow.fpga\"",
         [](cbor::Map& map) { map.insert_or_assign("activity", "mining.pow.fpga"); }},
        {"format: \"minewarden.verdict/3\"",
         [](cbor::Map& map) { map.insert_or_assign("format", "minewarden.verdict/3"); }},
    };
    return all;
}

std::string changed(const Change& change) {
    auto value = *cbor::decode(as_bytes(encode_record(rounding_record())));
    change.make(*value.get_if<cbor::Map>());
    return cbor::encode(value);
}

TEST(NewerRecord, ListsItsNewParts) {
    for (const Change& change : changes()) {
        const auto decoded = decode_record(as_bytes(changed(change)));
        ASSERT_TRUE(decoded) << change.newer << ": " << decoded.error().message;
        ASSERT_FALSE(decoded->newer.empty()) << change.newer;
        EXPECT_TRUE(decoded->newer[0].starts_with(change.newer)) << decoded->newer[0];
        EXPECT_EQ(decoded->record.window, rounding_record().window) << change.newer;
        EXPECT_EQ(decoded->record.evidence.size(), 3U) << change.newer;
        EXPECT_EQ(decoded->record.evidence[0], rounding_record().evidence[0]) << change.newer;
    }
}

TEST(NewerRecord, KeepsTheWholeContent) {
    for (const Change& change : changes()) {
        const std::string bytes = changed(change);
        const auto decoded = decode_record(as_bytes(bytes));
        ASSERT_TRUE(decoded) << change.newer;
        EXPECT_EQ(cbor::encode(decoded->content), bytes) << change.newer;
    }
}

TEST(NewerRecord, IsNeitherRecomputedNorAMismatch) {
    for (const Change& change : changes()) {
        const std::string bytes = changed(change);
        const auto again = recompute_record(as_bytes(bytes), *test::vector_rules());
        ASSERT_FALSE(again) << change.newer;
        EXPECT_EQ(again.error().kind, ErrorKind::unavailable) << again.error().message;
        EXPECT_NE(again.error().message.find("needs a newer version of minewarden"),
                  std::string::npos)
            << again.error().message;
        const CheckedClaim checked =
            check_claim({}, as_bytes(bytes), [](const Digest&) { return test::vector_rules(); });
        EXPECT_EQ(checked.result, ClaimResult::newer_version) << change.newer;
    }
}

TEST(NewerRecord, ANewFormatMayOmitRequiredParts) {
    for (const char* key : {"window_ns", "carried", "verdict", "evidence", "boot_id"}) {
        auto value = *cbor::decode(as_bytes(encode_record(rounding_record())));
        auto& map = *value.get_if<cbor::Map>();
        map.insert_or_assign("format", "minewarden.verdict/3");
        map.erase(key);
        EXPECT_TRUE(decode_record(as_bytes(cbor::encode(value)))) << key;
    }
}

TEST(NewerRecord, IsRefusedIfAKnownPartIsInvalid) {
    for (const Change& change : changes()) {
        auto value = *cbor::decode(as_bytes(changed(change)));
        value.get_if<cbor::Map>()->insert_or_assign("window", "now");
        EXPECT_FALSE(decode_record(as_bytes(cbor::encode(value)))) << change.newer;
    }
}

/// A record with other numbers than the shipped ones.
TEST(OtherNumbers, RecomputesARecordWithItsOwnNumbers) {
    const auto rules =
        test::load({{"pack.yaml", test::pack("p", test::numbers_section() + "rules:\n" +
                                                      test::rule({.id = "r"}))}});
    VerdictRecord record = test::empty_record("mining.pow.cpu");
    record.rule_set = rules->digest();
    record.prior = -4600;
    record.evidence = {
        {"r", Family::compute, 1000, 1, 1, {4243}, {{0, test::rounding_thread(520, 17)}}}};
    record.verdict.log_odds = -4600 + 500; // decay [1000, 500]
    record.verdict.by_family[static_cast<std::size_t>(Family::compute)] = 500;
    const std::string bytes = encode_record(record);

    const auto decoded = decode_record(as_bytes(bytes));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->record, record);
    const auto again = recompute_record(as_bytes(bytes), *rules);
    EXPECT_TRUE(again) << again.error().message;
}

TEST(OtherNumbers, OtherNumbersGiveAnotherVerdict) {
    const auto other =
        test::load({{"pack.yaml", test::pack("p", test::numbers_section("-4700") + "rules:\n" +
                                                      test::rule({.id = "r"}))}});
    VerdictRecord record = test::empty_record("mining.pow.cpu");
    record.rule_set = other->digest();
    record.prior = -4600;
    record.verdict.log_odds = -4600;
    const auto again = recompute_record(as_bytes(encode_record(record)), *other);
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().message.find("prior"), std::string::npos) << again.error().message;
}

} // namespace
} // namespace minewarden::rules
