// SPDX-License-Identifier: Apache-2.0
// Visibility records and clock steps in the store.
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minewarden::collector {
namespace {

using test::after;
using test::new_year;
using test::random_id;

class VisibilityTest : public test::WithDatabase {
  protected:
    void SetUp() override {
        WithDatabase::SetUp();
        if (IsSkipped()) return;
        open();
        commit(test::sample_opening(stream_), new_year);
    }
    void open() {
        store_.reset();
        store_ = open_store();
        ASSERT_TRUE(store_);
        // As the intake starts: adopts the agents of the previous run.
        commit(WatchArrival{}, new_year);
    }
    Outcome commit(Arrival arrival, WallTime now) {
        const std::vector<Arrival> arrivals{std::move(arrival)};
        auto outcome = store_->commit(arrivals, now);
        EXPECT_TRUE(outcome) << outcome.error().message;
        return outcome ? *outcome : Outcome{};
    }
    void heartbeat(std::vector<CapabilityProblem> problems, WallTime now) {
        commit(HeartbeatArrival{stream_.agent, {}, std::move(problems)}, now);
    }
    /// Newest first.
    std::vector<StoredVisibility> records(const VisibilityFilter& filter = {}) {
        auto list = store_->visibility(filter, std::nullopt, 1000);
        EXPECT_TRUE(list) << list.error().message;
        return list ? std::move(list->items) : std::vector<StoredVisibility>{};
    }

    std::unique_ptr<Store> store_;
    const StreamKey stream_{random_id<CurvePublicKey>(), random_id<StreamId>()};
};

TEST_P(VisibilityTest, SilenceLastsFromTheLastHeartbeatToTheNext) {
    heartbeat({}, after(new_year, 10));
    const auto told =
        commit(AbsenceArrival{stream_.agent, VisibilityReason::silent}, after(new_year, 40));
    EXPECT_EQ(told.visibility, 1u);
    commit(AbsenceArrival{stream_.agent, VisibilityReason::silent}, after(new_year, 50)); // once
    open();
    auto found = records({.open = true});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].agent, stream_.agent);
    EXPECT_EQ(found[0].agent_name, "web-1");
    EXPECT_EQ(found[0].reason, VisibilityReason::silent);
    EXPECT_EQ(found[0].since, after(new_year, 10));
    EXPECT_FALSE(found[0].until);
    EXPECT_EQ(store_->status()->open_visibility, 1u);
    const Cursor cursor = found[0].cursor;
    heartbeat({}, after(new_year, 90));
    EXPECT_TRUE(records({.open = true}).empty());
    found = records({.open = false});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].until, after(new_year, 90));
    EXPECT_EQ(found[0].end, VisibilityEnd::heard);
    EXPECT_EQ(store_->status()->open_visibility, 0u);
    const auto same = store_->visibility_at(cursor);
    ASSERT_TRUE(same && *same);
    EXPECT_EQ((*same)->until, after(new_year, 90));
    EXPECT_FALSE(*store_->visibility_at(*Cursor::parse("7fffffffffffffff")));
}

TEST_P(VisibilityTest, AnAbsentAgentHasOneRecord) {
    commit(AbsenceArrival{stream_.agent, VisibilityReason::stopped}, after(new_year, 40));
    const auto outcome =
        commit(AbsenceArrival{stream_.agent, VisibilityReason::silent}, after(new_year, 80));
    EXPECT_EQ(outcome.visibility, 0u);
    EXPECT_TRUE(outcome.silent.empty());
    EXPECT_EQ(records().size(), 1u);
}

TEST_P(VisibilityTest, AnAgentOverItsQuotaHasOneRecordUntilItIsWithin) {
    commit(QuotaArrival{stream_.agent, false}, new_year); // nothing to close
    EXPECT_TRUE(records().empty());
    EXPECT_EQ(commit(QuotaArrival{stream_.agent, true}, after(new_year, 1)).visibility, 1u);
    open();
    EXPECT_EQ(commit(QuotaArrival{stream_.agent, true}, after(new_year, 2)).visibility, 0u);
    heartbeat({}, after(new_year, 3)); // a heartbeat does not end it
    auto found = records({.open = true});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].reason, VisibilityReason::over_quota);
    EXPECT_EQ(found[0].since, after(new_year, 1));
    commit(QuotaArrival{stream_.agent, false}, after(new_year, 9));
    found = records();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].until, after(new_year, 9));
    EXPECT_EQ(found[0].end, VisibilityEnd::recovered);
    commit(QuotaArrival{random_id<CurvePublicKey>(), true}, after(new_year, 9)); // unknown agent
    EXPECT_EQ(records().size(), 1u);
}

TEST_P(VisibilityTest, AWatchReportHasTheAgentsAndTheirAbsence) {
    wire::Heartbeat beat;
    beat.set_heartbeat_interval_ns(7);
    const std::string bytes = beat.SerializeAsString();
    commit(HeartbeatArrival{stream_.agent, as_bytes(bytes), {}}, after(new_year, 1));
    commit(AbsenceArrival{stream_.agent, VisibilityReason::stopped}, after(new_year, 2));
    const StreamKey other{random_id<CurvePublicKey>(), random_id<StreamId>()};
    commit(test::sample_opening(other, "web-2"), new_year);
    store_.reset();
    store_ = open_store();
    // The previous run is over; with several collectors that must be detected first.
    const auto seen = commit(WatchArrival{}, after(new_year, 3));
    ASSERT_TRUE(seen.watch);
    std::vector<CollectorId> gone;
    for (const OtherCollector& collector : seen.watch->others) gone.push_back(collector.id);
    EXPECT_EQ(gone.size(), store_->is_shared() ? 1u : 0u);
    const auto told = store_->is_shared() ? commit(WatchArrival{gone}, after(new_year, 4)) : seen;
    ASSERT_EQ(told.watch->adopted.size(), 2u);
    for (const WatchedAgent& agent : told.watch->adopted) {
        const bool is_first = agent.key == stream_.agent;
        EXPECT_EQ(agent.heartbeat_interval.count(), is_first ? 7 : 0);
        EXPECT_EQ(agent.absence.has_value(), is_first);
    }
    EXPECT_TRUE(commit(WatchArrival{}, after(new_year, 5)).watch->adopted.empty());
}

TEST_P(VisibilityTest, AStoppedAgentIsAbsentSinceItsGoodbye) {
    commit(AbsenceArrival{stream_.agent, VisibilityReason::stopped}, after(new_year, 40));
    const auto found = records();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].reason, VisibilityReason::stopped);
    EXPECT_EQ(found[0].since, after(new_year, 40));
}

TEST_P(VisibilityTest, EachFailingCapabilityHasItsOwnRecord) {
    heartbeat({{"flow", "no BPF"}, {"fp-mode", "not prompt"}}, after(new_year, 1));
    heartbeat({{"flow", "no BPF"}, {"fp-mode", "not prompt"}}, after(new_year, 2));
    EXPECT_EQ(records().size(), 2u);
    open(); // the open records are still known
    heartbeat({{"flow", "no BPF"}}, after(new_year, 3));
    auto open_ones = records({.open = true});
    ASSERT_EQ(open_ones.size(), 1u);
    EXPECT_EQ(open_ones[0].place, "flow");
    EXPECT_EQ(open_ones[0].detail, "no BPF");
    heartbeat({{"flow", "another problem"}}, after(new_year, 4));
    open_ones = records({.open = true});
    ASSERT_EQ(open_ones.size(), 1u);
    EXPECT_EQ(open_ones[0].detail, "another problem");
    EXPECT_EQ(open_ones[0].since, after(new_year, 4));
    EXPECT_EQ(records({.open = false}).size(), 2u);
    EXPECT_EQ(records({.open = false})[0].end, VisibilityEnd::recovered);
}

TEST_P(VisibilityTest, ARevokedKeyClosesOnlyItsOwnRecords) {
    const StreamKey other{random_id<CurvePublicKey>(), random_id<StreamId>()};
    commit(test::sample_opening(other, "web-2"), new_year);
    commit(AbsenceArrival{other.agent, VisibilityReason::silent}, after(new_year, 1));
    heartbeat({{"flow", "no BPF"}}, after(new_year, 1));
    commit(AbsenceArrival{stream_.agent, VisibilityReason::silent}, after(new_year, 2));
    commit(RevocationArrival{stream_.agent}, after(new_year, 3));
    const auto open_ones = records({.open = true});
    ASSERT_EQ(open_ones.size(), 1u);
    EXPECT_EQ(open_ones[0].agent_name, "web-2");
    EXPECT_EQ(records({.agent = stream_.agent}).size(), 2u);
    // Enrolled again, with the same problem.
    heartbeat({{"flow", "no BPF"}}, after(new_year, 4));
    EXPECT_EQ(records({.open = true}).size(), 2u);
}

TEST_P(VisibilityTest, UnknownAgentsHaveNoRecords) {
    const auto nobody = random_id<CurvePublicKey>();
    commit(AbsenceArrival{nobody, VisibilityReason::silent}, new_year);
    commit(RevocationArrival{nobody}, new_year);
    EXPECT_TRUE(records().empty());
}

TEST_P(VisibilityTest, PagesAndTimeFilterIncludeAllOpenRecords) {
    for (int i = 0; i < 5; ++i) {
        commit(AbsenceArrival{stream_.agent, VisibilityReason::stopped}, after(new_year, i * 10));
        if (i < 4) heartbeat({}, after(new_year, i * 10 + 5));
    }
    EXPECT_EQ(records({.since = after(new_year, 1000)}).size(), 1u);
    EXPECT_EQ(records({.since = after(new_year, 25)}).size(), 3u);
    std::vector<Cursor> seen;
    std::optional<Cursor> before;
    do {
        const auto list = store_->visibility({}, before, 2);
        ASSERT_TRUE(list);
        for (const StoredVisibility& record : list->items) seen.push_back(record.cursor);
        before = list->before;
    } while (before);
    EXPECT_EQ(seen.size(), 5u);
    EXPECT_TRUE(std::ranges::is_sorted(seen, std::ranges::greater{}));
    EXPECT_EQ(store_->count_visibility({})->matches, 5u);
    EXPECT_EQ(store_->count_visibility({.open = true})->matches, 1u);
}

// The collector's clock is set a day forward by mistake, and back.
TEST_P(VisibilityTest, AClockStepChangesNoOrder) {
    wire::Finding finding = test::sample_finding();
    const auto deliver = [&](std::uint64_t sequence, WallTime now) {
        finding.set_version(static_cast<std::uint32_t>(sequence));
        const auto delivery = test::SampleDelivery(stream_).add(sequence, finding);
        commit(delivery.get(), now);
    };
    deliver(1, after(new_year, 10));
    deliver(2, after(new_year, 86'400));
    deliver(3, after(new_year, 20));
    const auto page = store_->findings_after({}, Cursor(), 10);
    ASSERT_EQ(page->findings.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(page->findings[i].sequence, i + 1);
    EXPECT_TRUE(page->findings[2].current);
    EXPECT_EQ(page->findings[2].received_at, after(new_year, 20));
    EXPECT_EQ(store_->agents()->front().last_seen_at, after(new_year, 20));
}

FOR_EACH_DATABASE(VisibilityTest);

} // namespace
} // namespace minewarden::collector
