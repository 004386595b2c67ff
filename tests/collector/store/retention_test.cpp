// SPDX-License-Identifier: Apache-2.0
// What retention deletes, and what it keeps.
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_database.h"

#include <gtest/gtest.h>

namespace minewarden::collector {
namespace {

using test::after;
using test::new_year;
using test::random_id;
using test::sample_finding;
using test::sample_opening;
using test::SampleDelivery;

constexpr std::int64_t day = 86'400;

class RetentionTest : public test::WithDatabase {
  protected:
    void SetUp() override {
        WithDatabase::SetUp();
        if (IsSkipped()) return;
        store_ = open_store();
        ASSERT_TRUE(store_);
        commit(sample_opening(stream_), new_year);
    }
    void commit(Arrival arrival, WallTime now) {
        const std::vector<Arrival> arrivals{std::move(arrival)};
        const auto outcome = store_->commit(arrivals, now);
        EXPECT_TRUE(outcome) << outcome.error().message;
    }
    void deliver(const wire::Finding& finding, WallTime now) {
        commit(SampleDelivery(stream_).add(++sequence_, finding).get(), now);
    }
    void deliver(decltype(Record::body) body, WallTime now) {
        commit(SampleDelivery(stream_).add(++sequence_, std::move(body)).get(), now);
    }
    static wire::Finding closed_finding(WallTime changed) {
        wire::Finding finding = sample_finding();
        finding.set_state(wire::FINDING_STATE_CLOSED);
        finding.set_changed_ns(changed.ns);
        return finding;
    }
    /// Runs one pass. Returns the number of deleted rows.
    std::uint64_t retain(DataClass data, ClassLimit limit, WallTime now) {
        RetentionPolicy policy;
        policy.of(data) = limit;
        RetentionProgress progress;
        std::uint64_t rows = 0;
        for (bool is_done = false; !is_done;) {
            auto unit = store_->begin();
            EXPECT_TRUE(unit);
            const auto step = (*unit)->remove_expired(policy, progress, now);
            EXPECT_TRUE(step) << step.error().message;
            EXPECT_TRUE((*unit)->commit());
            if (!step) break;
            rows += step->rows;
            is_done = step->is_done;
        }
        return rows;
    }
    static ClassLimit age(std::int64_t days) { return {std::chrono::seconds(days * day), 0}; }
    std::vector<FindingSummary> findings() {
        return store_->findings_after({}, Cursor(), 1000)->findings;
    }
    ClassStatus status(DataClass data) { return store_->status()->of(data); }

    std::unique_ptr<Store> store_;
    const StreamKey stream_{random_id<CurvePublicKey>(), random_id<StreamId>()};
    std::uint64_t sequence_ = 0;
};

TEST_P(RetentionTest, DeletesOldVersionsButNeverTheCurrentOneOfAnOpenFinding) {
    wire::Finding open = sample_finding();
    deliver(open, new_year);
    open.set_version(2);
    deliver(open, after(new_year, 1));
    const wire::Finding closed = closed_finding(after(new_year, 2));
    deliver(closed, after(new_year, 2));
    deliver(closed_finding(after(new_year, 50 * day)), after(new_year, 50 * day));
    const auto put = [&](Cursor cursor) {
        auto unit = store_->begin();
        ASSERT_TRUE((*unit)->put(std::vector<RecomputedFinding>{{cursor, {}}}));
        ASSERT_TRUE((*unit)->commit());
    };
    for (const FindingSummary& found : findings()) put(found.cursor);

    EXPECT_EQ(retain(DataClass::findings, age(30), after(new_year, 20 * day)), 0u);
    EXPECT_EQ(retain(DataClass::findings, age(30), after(new_year, 60 * day)), 2u);
    const auto left = findings();
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].finding.version(), 2u);
    EXPECT_TRUE(left[0].recomputation);
    EXPECT_EQ((*store_->finding_at(left[0].cursor))->finding.record(), open.record());
    const auto id = FindingIdPrefix::parse(to_hex(as_bytes(closed.id())));
    EXPECT_TRUE(store_->find(*id, 10)->empty());
    const ClassStatus kept = status(DataClass::findings);
    EXPECT_EQ(kept.rows, 2u);
    EXPECT_EQ(kept.deleted_rows, 2u);
    EXPECT_EQ(kept.oldest, after(new_year, 1));
    // The next version still supersedes it.
    open.set_version(3);
    open.set_state(wire::FINDING_STATE_CLOSED);
    deliver(open, after(new_year, 61 * day));
    EXPECT_EQ(store_->findings_after({.current_only = true}, Cursor(), 10)->findings.size(), 2u);
    EXPECT_EQ(retain(DataClass::findings, age(30), after(new_year, 200 * day)), 3u);
    EXPECT_TRUE(findings().empty());
    EXPECT_EQ(status(DataClass::findings).bytes, 0u);
}

TEST_P(RetentionTest, NeverReusesACursor) {
    deliver(closed_finding(new_year), new_year);
    const Cursor first = *store_->last_finding();
    EXPECT_EQ(retain(DataClass::findings, age(1), after(new_year, 5 * day)), 1u);
    EXPECT_EQ(*store_->last_finding(), first);
    store_.reset();
    store_ = open_store();
    deliver(closed_finding(new_year), new_year);
    EXPECT_GT(*store_->last_finding(), first);
    EXPECT_EQ(store_->findings_after({}, first, 10)->findings.size(), 1u);
}

TEST_P(RetentionTest, DeletesTheOldestBeyondTheSize) {
    std::vector<std::uint64_t> bytes;
    for (int i = 0; i < 5; ++i) {
        wire::Finding finding = closed_finding(new_year);
        test::set_record(finding, std::string(10'000, 'r'));
        deliver(finding, new_year);
        bytes.push_back(status(DataClass::findings).bytes);
    }
    EXPECT_GE(bytes[0], 10'000u);
    EXPECT_EQ(retain(DataClass::findings, {.bytes = bytes[4]}, new_year), 0u);
    EXPECT_EQ(retain(DataClass::findings, {.bytes = bytes[1]}, new_year), 3u);
    ASSERT_EQ(findings().size(), 2u);
    EXPECT_EQ(findings()[0].sequence, 4u);
    EXPECT_EQ(status(DataClass::findings).bytes, bytes[1]);
    EXPECT_EQ(status(DataClass::findings).deleted_bytes, bytes[4] - bytes[1]);
}

TEST_P(RetentionTest, AFutureTimeDelaysNothing) {
    deliver(closed_finding(new_year), after(new_year, 4000 * day)); // the clock was wrong
    deliver(closed_finding(new_year), new_year);
    EXPECT_EQ(retain(DataClass::findings, age(30), after(new_year, 60 * day)), 1u);
    EXPECT_EQ(findings().size(), 1u);
}

TEST_P(RetentionTest, DeletesManyInBatches) {
    for (int commits = 0; commits < 3; ++commits) {
        SampleDelivery delivery(stream_);
        for (int i = 0; i < 500; ++i) delivery.add(++sequence_, closed_finding(new_year));
        commit(delivery.get(), new_year);
    }
    deliver(closed_finding(new_year), after(new_year, 90 * day));
    EXPECT_EQ(retain(DataClass::findings, age(30), after(new_year, 100 * day)), 1500u);
    EXPECT_EQ(findings().size(), 1u);
}

TEST_P(RetentionTest, DeletesGaps) {
    deliver(GapArrival{"ring", 1, new_year, new_year, "a detail"}, new_year);
    deliver(GapArrival{"ring", 1, new_year, new_year, "a detail"}, after(new_year, 50 * day));
    EXPECT_EQ(status(DataClass::gaps).rows, 2u);
    EXPECT_EQ(retain(DataClass::gaps, age(30), after(new_year, 60 * day)), 1u);
    const auto left = store_->gaps({}, std::nullopt, 10);
    ASSERT_EQ(left->items.size(), 1u);
    EXPECT_EQ(left->items[0].received_at, after(new_year, 50 * day));
    EXPECT_EQ(retain(DataClass::gaps, {.bytes = 1}, after(new_year, 60 * day)), 1u);
    EXPECT_EQ(status(DataClass::gaps).bytes, 0u);
}

TEST_P(RetentionTest, DeletesClosedVisibilityRecords) {
    const auto heartbeat = [&](std::vector<CapabilityProblem> problems, std::int64_t days) {
        commit(HeartbeatArrival{stream_.agent, {}, std::move(problems)},
               after(new_year, days * day));
    };
    heartbeat({{"dns", "x"}, {"flow", "x"}, {"task", "x"}}, 0);
    heartbeat({{"flow", "x"}, {"task", "x"}}, 1);
    heartbeat({{"flow", "x"}}, 50); // "task" opened early and closed late
    EXPECT_EQ(retain(DataClass::visibility, age(30), after(new_year, 60 * day)), 1u);
    EXPECT_EQ(store_->visibility({}, std::nullopt, 10)->items.size(), 2u);
    EXPECT_EQ(retain(DataClass::visibility, age(30), after(new_year, 90 * day)), 1u);
    EXPECT_EQ(retain(DataClass::visibility, {.bytes = 1}, after(new_year, 90 * day)), 0u);
    EXPECT_EQ(store_->status()->open_visibility, 1u);
}

TEST_P(RetentionTest, KeepsRulesOfAgentsAndFindings) {
    const auto rules = [&](char name) {
        wire::RuleSet set;
        set.set_digest(std::string(32, name));
        return set;
    };
    const auto digest = [](const wire::RuleSet& set) {
        return *Digest::from(as_bytes(set.digest()));
    };
    const wire::RuleSet old = rules('o');
    const wire::RuleSet used = rules('u');
    const std::string old_bytes = old.SerializeAsString();
    const std::string used_bytes = used.SerializeAsString();
    deliver(RuleSetArrival{digest(old), as_bytes(old_bytes)}, new_year);
    deliver(RuleSetArrival{digest(used), as_bytes(used_bytes)}, new_year);
    deliver(closed_finding(new_year), after(new_year, 3600));
    HeartbeatArrival heartbeat{stream_.agent, {}, {}};
    heartbeat.rule_set = digest(used);
    commit(heartbeat, after(new_year, 7200));

    const WallTime later = after(new_year, 90 * day);
    EXPECT_EQ(retain(DataClass::rule_sets, age(30), later), 0u)
        << "a finding of their time is kept";
    EXPECT_EQ(retain(DataClass::findings, age(30), later), 1u);
    EXPECT_EQ(retain(DataClass::rule_sets, age(30), later), 1u);
    EXPECT_FALSE(*store_->rule_set(digest(old)));
    EXPECT_TRUE(*store_->rule_set(digest(used)));
    EXPECT_EQ(retain(DataClass::rule_sets, {.bytes = 1}, later), 0u) << "it is in use";
    // They are stored again when an agent sends them.
    deliver(RuleSetArrival{digest(old), as_bytes(old_bytes)}, later);
    EXPECT_TRUE(*store_->rule_set(digest(old)));
    EXPECT_EQ(retain(DataClass::rule_sets, {.bytes = 1}, later), 1u);
}

TEST_P(RetentionTest, DeletesAgentsAndStreamsWithoutData) {
    const StreamKey newer{stream_.agent, random_id<StreamId>()};
    const StreamKey gone{random_id<CurvePublicKey>(), random_id<StreamId>()};
    commit(sample_opening(gone, "web-2"), new_year);
    deliver(closed_finding(new_year), new_year);
    commit(sample_opening(newer), after(new_year, 80 * day));
    const WallTime later = after(new_year, 90 * day);
    EXPECT_EQ(retain(DataClass::agents, age(30), later), 1u);
    ASSERT_EQ(store_->agents()->size(), 1u);
    EXPECT_EQ(store_->agents()->front().key, stream_.agent);
    // The old stream of the other agent has a finding and is kept.
    commit(sample_opening(stream_), later);
    EXPECT_EQ(retain(DataClass::findings, age(30), later), 1u);
    EXPECT_EQ(retain(DataClass::agents, age(30), later), 0u);
    EXPECT_EQ(store_->commit(std::vector<Arrival>{sample_opening(newer)}, later)->positions[0], 0u);
    EXPECT_EQ(store_->commit(std::vector<Arrival>{sample_opening(stream_)}, later)->positions[0],
              0u)
        << "an outbox that was replaced long ago is forgotten";
    // A deleted stream starts from 0.
    commit(sample_opening(gone, "web-2"), later);
    EXPECT_EQ(store_->agents()->size(), 2u);
}

FOR_EACH_DATABASE(RetentionTest);

} // namespace
} // namespace minewarden::collector
