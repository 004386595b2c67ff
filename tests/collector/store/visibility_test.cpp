// SPDX-License-Identifier: Apache-2.0
// Visibility records and clock steps in the store.
#include "collector/store/sqlite/schema.h"
#include "collector/store/sqlite/sqlite_store.h"
#include "tests/collector/support/samples.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace minewarden::collector {
namespace {

using test::after;
using test::new_year;
using test::random_id;

class VisibilityTest : public testing::Test {
  protected:
    void SetUp() override {
        open();
        commit(test::sample_opening(stream_), new_year);
    }
    void open() {
        store_.reset();
        auto store = open_sqlite_store(path_);
        ASSERT_TRUE(store) << store.error().message;
        store_ = std::move(*store);
    }
    Outcome commit(Arrival arrival, WallTime now) {
        const std::vector<Arrival> arrivals{std::move(arrival)};
        auto outcome = store_->commit(arrivals, now);
        EXPECT_TRUE(outcome) << outcome.error().message;
        return outcome ? *outcome : Outcome{};
    }
    void heartbeat(std::vector<SensorProblem> problems, WallTime now) {
        commit(HeartbeatArrival{stream_.agent, {}, std::move(problems)}, now);
    }
    std::vector<StoredVisibility> records(const VisibilityFilter& filter = {}) {
        auto page = store_->visibility(filter);
        EXPECT_TRUE(page) << page.error().message;
        return page ? std::move(page->records) : std::vector<StoredVisibility>{};
    }

    TemporaryDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "collector.sqlite";
    std::unique_ptr<Store> store_;
    const StreamKey stream_{random_id<CurvePublicKey>(), random_id<StreamId>()};
};

TEST_F(VisibilityTest, SilenceBeginsWhenTheAgentWasLastHeardAndEndsWhenItIsAgain) {
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
    commit(AbsenceEndArrival{stream_.agent, VisibilityEnd::heard}, after(new_year, 90));
    EXPECT_TRUE(records({.open = true}).empty());
    found = records({.open = false});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].until, after(new_year, 90));
    EXPECT_EQ(found[0].end, VisibilityEnd::heard);
    EXPECT_EQ(store_->status()->open_visibility, 0u);
}

TEST_F(VisibilityTest, AnAgentThatWasStoppedIsAwaySinceItSaidSo) {
    commit(AbsenceArrival{stream_.agent, VisibilityReason::stopped}, after(new_year, 40));
    const auto found = records();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].reason, VisibilityReason::stopped);
    EXPECT_EQ(found[0].since, after(new_year, 40));
}

TEST_F(VisibilityTest, EachSensorThatDoesNotWorkIsARecordOfItsOwn) {
    heartbeat({{"flow", "no BPF"}, {"fp-mode", "not prompt"}}, after(new_year, 1));
    heartbeat({{"flow", "no BPF"}, {"fp-mode", "not prompt"}}, after(new_year, 2));
    EXPECT_EQ(records().size(), 2u);
    open(); // the store remembers what is open
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

TEST_F(VisibilityTest, ARevokedKeyEndsAllOfItsRecordsAndOnlyThose) {
    const StreamKey other{random_id<CurvePublicKey>(), random_id<StreamId>()};
    commit(test::sample_opening(other, "web-2"), new_year);
    commit(AbsenceArrival{other.agent, VisibilityReason::silent}, after(new_year, 1));
    heartbeat({{"flow", "no BPF"}}, after(new_year, 1));
    commit(AbsenceArrival{stream_.agent, VisibilityReason::silent}, after(new_year, 2));
    commit(AbsenceEndArrival{stream_.agent, VisibilityEnd::revoked}, after(new_year, 3));
    const auto open_ones = records({.open = true});
    ASSERT_EQ(open_ones.size(), 1u);
    EXPECT_EQ(open_ones[0].agent_name, "web-2");
    EXPECT_EQ(records({.agent = stream_.agent}).size(), 2u);
    // Enrolled again, with the same problem.
    heartbeat({{"flow", "no BPF"}}, after(new_year, 4));
    EXPECT_EQ(records({.open = true}).size(), 2u);
}

TEST_F(VisibilityTest, AgentsThatNobodyKnowsHaveNoRecords) {
    const auto nobody = random_id<CurvePublicKey>();
    commit(AbsenceArrival{nobody, VisibilityReason::silent}, new_year);
    commit(AbsenceEndArrival{nobody, VisibilityEnd::heard}, new_year);
    EXPECT_TRUE(records().empty());
}

TEST_F(VisibilityTest, PagesAndTimeFilterOmitNothingThatIsOpen) {
    for (int i = 0; i < 5; ++i) {
        commit(AbsenceArrival{stream_.agent, VisibilityReason::stopped}, after(new_year, i * 10));
        if (i < 4)
            commit(AbsenceEndArrival{stream_.agent, VisibilityEnd::heard},
                   after(new_year, i * 10 + 5));
    }
    EXPECT_EQ(records({.since = after(new_year, 1000)}).size(), 1u);
    EXPECT_EQ(records({.since = after(new_year, 25)}).size(), 3u);
    VisibilityFilter filter{.limit = 2};
    std::size_t seen = 0;
    for (bool more = true; more;) {
        const auto page = store_->visibility(filter);
        ASSERT_TRUE(page);
        seen += page->records.size();
        filter.after = page->next;
        more = page->more;
    }
    EXPECT_EQ(seen, 5u);
}

// The collector's clock is set a day forward by mistake and back again.
TEST_F(VisibilityTest, AClockThatStepsChangesNoOrderAndDoesNotStick) {
    wire::Finding finding = test::sample_finding();
    const auto deliver = [&](std::uint64_t sequence, WallTime now) {
        finding.set_version(static_cast<std::uint32_t>(sequence));
        const auto delivery = test::SampleDelivery(stream_).add(sequence, finding);
        commit(delivery.get(), now);
    };
    deliver(1, after(new_year, 10));
    deliver(2, after(new_year, 86'400));
    deliver(3, after(new_year, 20));
    const auto page = store_->findings({});
    ASSERT_EQ(page->findings.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(page->findings[i].sequence, i + 1);
    EXPECT_TRUE(page->findings[2].current);
    EXPECT_EQ(page->findings[2].received_at, after(new_year, 20));
    EXPECT_EQ(store_->agents()->front().last_seen_at, after(new_year, 20));
}

TEST_F(VisibilityTest, ADatabaseOfTheSecondSchemaIsBroughtAlong) {
    store_.reset();
    path_ = directory_.path() / "old.sqlite";
    {
        auto old = sqlite::Connection::open(path_, sqlite::Connection::Access::write);
        ASSERT_TRUE(old);
        ASSERT_TRUE(sqlite::migrate(*old, path_, 2));
        auto agent = old->prepare("INSERT INTO agents VALUES (1, ?1, 'web-1', 'h', '0', 1, 7)");
        ASSERT_TRUE(agent && agent->bind(stream_.agent).run());
        auto heartbeats = old->prepare("INSERT INTO heartbeats VALUES (1, 7, x'')");
        ASSERT_TRUE(heartbeats && heartbeats->run());
    }
    open();
    ASSERT_EQ(store_->agents()->size(), 1u);
    EXPECT_TRUE(records().empty());
    commit(AbsenceArrival{stream_.agent, VisibilityReason::silent}, new_year);
    ASSERT_EQ(records().size(), 1u);
    EXPECT_EQ(records()[0].since, (WallTime{7}));
}

} // namespace
} // namespace minewarden::collector
