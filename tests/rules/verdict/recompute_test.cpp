// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/records.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <limits>

/// Records that must be refused.
namespace minewarden::rules {
namespace {

using test::login_record;
using test::rounding_record;
using test::vector_rules;

bool is_accepted(std::string_view bytes) {
    static const auto rules = vector_rules();
    const auto again = recompute_record(as_bytes(bytes), *rules);
    EXPECT_TRUE(again || again.error().kind == ErrorKind::data ||
                again.error().kind == ErrorKind::unavailable);
    return again.has_value();
}

/// Changes the rounding record and recomputes its verdict, so that the sums fit.
bool is_accepted_after(const std::function<void(VerdictRecord&)>& change) {
    VerdictRecord record = rounding_record();
    change(record);
    std::vector<WeighedEvidence> evidence;
    for (const RecordedEvidence& one : record.evidence)
        evidence.push_back({one.family, one.weight, one.age, one.entities});
    record.verdict = test::judge(evidence, record.carried);
    return is_accepted(encode_record(record));
}

/// Changes the encoded form; sums and digests stay unchanged.
bool is_accepted_after_raw(const std::function<void(cbor::Map&)>& change) {
    auto value = *cbor::decode(as_bytes(encode_record(rounding_record())));
    change(*value.get_if<cbor::Map>());
    return is_accepted(cbor::encode(value));
}

cbor::Map& map_at(cbor::Map& map, const char* key) {
    return *map.find(key)->second.get_if<cbor::Map>();
}
cbor::Map& evidence_at(cbor::Map& map, std::size_t index) {
    return *(*map.find("evidence")->second.get_if<cbor::Array>())[index].get_if<cbor::Map>();
}

TEST(Recompute, AcceptsTheUnchangedRecord) {
    EXPECT_TRUE(is_accepted_after([](VerdictRecord&) {}));
    EXPECT_TRUE(is_accepted_after_raw([](cbor::Map&) {}));
}

TEST(Recompute, RefusesAnObservationThatMakesTheConditionFalse) {
    EXPECT_FALSE(is_accepted_after([](VerdictRecord& record) {
        record.evidence[2].observations[0].observation.set(thread_window::cpu_permille,
                                                           test::integer(499));
    }));
    EXPECT_FALSE(is_accepted_after([](VerdictRecord& record) {
        record.evidence[2].observations[1].observation.set(thread_window::fp_nondefault,
                                                           test::integer(2));
    })) << "17 + 2 < 20";
}

TEST(Recompute, RefusesAnObservationThatLeavesTheConditionUnknown) {
    EXPECT_FALSE(is_accepted_after([](VerdictRecord& record) {
        record.evidence[2].observations[0].observation.set(thread_window::cpu_permille, {});
    }));
}

TEST(Recompute, RefusesAMissingObservation) {
    EXPECT_FALSE(is_accepted_after(
        [](VerdictRecord& record) { record.evidence[2].observations.pop_back(); }));
    EXPECT_FALSE(
        is_accepted_after([](VerdictRecord& record) { record.evidence[2].observations.clear(); }));
}

TEST(Recompute, RefusesObservationsThatTheConditionDoesNotUse) {
    const auto with_back = [](std::int64_t back) {
        return is_accepted_after([=](VerdictRecord& record) {
            auto extra = record.evidence[2].observations[1];
            extra.windows_back = back;
            record.evidence[2].observations.push_back(extra);
        });
    };
    EXPECT_FALSE(with_back(3)) << "beyond its windows";
    EXPECT_FALSE(with_back(1'000'000'000));
    EXPECT_FALSE(with_back(2)) << "the same window again";
    EXPECT_FALSE(with_back(0)) << "the firing one again";
    EXPECT_FALSE(with_back(-1)) << "from the future";
    EXPECT_FALSE(with_back(std::numeric_limits<std::int64_t>::min()));
    EXPECT_FALSE(with_back(1)) << "not in order";
}

TEST(Recompute, RefusesObservationsOfAnotherKind) {
    EXPECT_FALSE(is_accepted_after([](VerdictRecord& record) {
        record.evidence[2].observations = record.evidence[1].observations;
    })) << "another type";
    EXPECT_FALSE(is_accepted_after([](VerdictRecord& record) {
        record.evidence[2].observations[1].observation.entity = 4244;
    })) << "another thread";
    EXPECT_FALSE(is_accepted_after([](VerdictRecord& record) {
        record.evidence[1].observations.push_back(record.evidence[1].observations[0]);
        record.evidence[1].observations[1].windows_back = 1;
    })) << "an event has one observation";
}

TEST(Recompute, RefusesAnotherWeight) {
    for (const MilliNats weight : {15'999, 16'001, 20'000, 0, -16'000})
        EXPECT_FALSE(is_accepted_after([=](VerdictRecord& record) {
            record.evidence[2].weight = weight;
        })) << weight;
}

TEST(Recompute, RefusesAWeightOutOfRange) {
    for (const std::int64_t weight :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
          std::int64_t{20'001}})
        EXPECT_FALSE(is_accepted_after_raw([=](cbor::Map& map) {
            evidence_at(map, 2).insert_or_assign("weight", weight);
        })) << weight;
}

TEST(Recompute, RefusesANegativeAge) {
    for (const std::int64_t age :
         {std::int64_t{-1}, std::int64_t{-1000}, std::numeric_limits<std::int64_t>::min()})
        EXPECT_FALSE(is_accepted_after_raw([=](cbor::Map& map) {
            evidence_at(map, 2).insert_or_assign("age", age);
        })) << age;
}

TEST(Recompute, RefusesAnotherRuleOrFamily) {
    EXPECT_FALSE(is_accepted_after(
        [](VerdictRecord& record) { record.evidence[2].rule = "vector.unknown"; }));
    EXPECT_FALSE(
        is_accepted_after([](VerdictRecord& record) { record.evidence[2].rule = "vector.login"; }));
    EXPECT_FALSE(is_accepted_after(
        [](VerdictRecord& record) { record.evidence[2].family = Family::protocol; }));
}

TEST(Recompute, RefusesAnotherActivity) {
    EXPECT_FALSE(is_accepted_after(
        [](VerdictRecord& record) { record.activity = test::activity("mining.pool.client"); }));
}

TEST(Recompute, RefusesAnotherRuleSet) {
    EXPECT_FALSE(is_accepted_after([](VerdictRecord& record) { record.rule_set.bytes[0] ^= 1; }));
    const auto other = test::load({{"pack.yaml", test::vector_file("pack.yaml") + "\n"}});
    EXPECT_FALSE(recompute_record(as_bytes(encode_record(rounding_record())), *other));
}

TEST(Recompute, RefusesEvidenceThatCountsTwice) {
    EXPECT_FALSE(is_accepted_after([](VerdictRecord& record) {
        record.evidence.insert(record.evidence.begin() + 1, record.evidence[1]);
    })) << "2000 twice";
}

TEST(Recompute, RefusesEvidenceOutOfOrder) {
    EXPECT_FALSE(is_accepted_after(
        [](VerdictRecord& record) { std::swap(record.evidence[0], record.evidence[1]); }));
}

TEST(Recompute, RefusesAnotherVerdict) {
    const auto accepted = [](const char* key, cbor::Value value) {
        return is_accepted_after_raw(
            [&](cbor::Map& map) { map_at(map, "verdict").insert_or_assign(key, value); });
    };
    EXPECT_FALSE(accepted("certainty", "confirmed"));
    EXPECT_FALSE(accepted("certainty", "suspected"));
    EXPECT_FALSE(accepted("certainty", "none"));
    EXPECT_FALSE(accepted("certainty", "sure"));
    EXPECT_FALSE(accepted("log_odds", 7291));
    EXPECT_FALSE(accepted("prior", 0));
    EXPECT_FALSE(accepted("families", cbor::Map{{"compute", 16'000}, {"protocol", 500}}));
    EXPECT_FALSE(accepted(
        "families",
        cbor::Map{{"compute", 16'000}, {"load", -1500}, {"memory", 0}, {"protocol", 2000}}))
        << "zeros are omitted";
    EXPECT_FALSE(accepted("next_sha256", cbor::Value(Digest{}.view())));
    EXPECT_FALSE(accepted("next", cbor::Map{{"held", "confirmed"}, {"refuting", 1500}}));
}

TEST(Recompute, RefusesAnotherCarriedState) {
    EXPECT_FALSE(is_accepted_after_raw([](cbor::Map& map) {
        map.insert_or_assign("carried", cbor::Map{{"held", "confirmed"}, {"refuting", 3000}});
    })) << "its digest differs";
    VerdictRecord record = rounding_record();
    record.carried = {Certainty::confirmed, 1500};
    EXPECT_FALSE(is_accepted(encode_record(record))) << "confirmed would be held";
}

TEST(Recompute, RefusesNumbersThatDoNotFit) {
    for (const std::int64_t pid : {std::int64_t{-1}, (std::int64_t{1} << 32) + 4242})
        EXPECT_FALSE(is_accepted_after_raw([=](cbor::Map& map) {
            map_at(map, "subject").insert_or_assign("pid", pid);
        })) << pid;
    for (const std::int64_t refuting :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
        EXPECT_NO_FATAL_FAILURE((void)is_accepted_after(
            [=](VerdictRecord& record) { record.carried.refuting = refuting; }));
}

} // namespace
} // namespace minewarden::rules
