// SPDX-License-Identifier: Apache-2.0
// Units of work: all or nothing, in the order of cursors, with several collectors.
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

namespace minewarden::collector {
namespace {

using test::new_year;
using test::random_id;
using test::sample_finding;
using test::sample_opening;
using test::SampleDelivery;

class UnitOfWorkTest : public test::WithDatabase {
  protected:
    void SetUp() override {
        WithDatabase::SetUp();
        if (IsSkipped()) return;
        store_ = open_store();
        ASSERT_TRUE(store_);
        const std::vector<Arrival> opening{sample_opening(stream_)};
        ASSERT_TRUE(store_->commit(opening, new_year));
    }
    std::size_t findings() { return store_->findings_after({}, Cursor(), 1000)->findings.size(); }

    std::unique_ptr<Store> store_;
    const StreamKey stream_{random_id<CurvePublicKey>(), random_id<StreamId>()};
};

TEST_P(UnitOfWorkTest, RollsBackWithoutCommit) {
    const auto delivery = SampleDelivery(stream_).add(1, sample_finding());
    const std::vector<Arrival> arrivals{delivery.get()};
    Cursor lost;
    {
        auto unit = store_->begin();
        ASSERT_TRUE(unit) << unit.error().message;
        const auto outcome = (*unit)->take(arrivals, new_year);
        ASSERT_TRUE(outcome) << outcome.error().message;
        EXPECT_EQ(outcome->positions.front(), 1u);
        lost = outcome->last_finding;
    }
    EXPECT_EQ(findings(), 0u);
    EXPECT_EQ(store_->status()->of(DataClass::findings).rows, 0u);
    // The cache is rolled back too.
    const auto again = store_->commit(arrivals, new_year);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->findings, 1u);
    EXPECT_EQ(again->duplicates, 0u);
    EXPECT_EQ(again->last_finding, lost);
}

TEST_P(UnitOfWorkTest, ChecksWritesAndAppendsTogether) {
    const auto delivery = SampleDelivery(stream_).add(1, sample_finding());
    const std::vector<Arrival> arrivals{delivery.get()};
    const auto work = [&](std::optional<Cursor> from) {
        auto unit = store_->begin();
        EXPECT_TRUE(unit);
        const auto outcome = (*unit)->take(arrivals, new_year);
        EXPECT_TRUE(outcome);
        const auto is_expected = (*unit)->advance("test", from, outcome->last_finding);
        EXPECT_TRUE(is_expected);
        return *is_expected && (*unit)->commit();
    };
    EXPECT_FALSE(work(Cursor::parse("0000000000000007")));
    EXPECT_EQ(findings(), 0u);
    EXPECT_EQ(*store_->follower_position("test"), std::nullopt);
    EXPECT_TRUE(work(std::nullopt));
    EXPECT_EQ(findings(), 1u);
    EXPECT_EQ(*store_->follower_position("test"), *store_->last_finding());
    EXPECT_EQ(*store_->follower_position("another"), std::nullopt);
}

TEST_P(UnitOfWorkTest, ReadersDoNotWaitForAUnit) {
    const auto delivery = SampleDelivery(stream_).add(1, sample_finding());
    const std::vector<Arrival> arrivals{delivery.get()};
    auto unit = store_->begin();
    ASSERT_TRUE(unit);
    ASSERT_TRUE((*unit)->take(arrivals, new_year));
    EXPECT_EQ(findings(), 0u);
    EXPECT_TRUE(store_->status());
    ASSERT_TRUE((*unit)->commit());
    EXPECT_EQ(findings(), 1u);
}

// Two writers (two collectors, if the database can be shared), and a reader that remembers its last
// cursor.
TEST_P(UnitOfWorkTest, AReaderMissesNothingOfTwoWriters) {
    constexpr std::uint64_t commits = 60;
    constexpr std::uint64_t in_commit = 7;
    std::vector<std::unique_ptr<Store>> others;
    std::vector<Store*> writers{store_.get(), store_.get()};
    if (store_->is_shared()) {
        others.push_back(open_store());
        writers[1] = others.back().get();
    }
    std::atomic<int> writing{2};
    const auto write = [&](Store& store) {
        const StreamKey stream{random_id<CurvePublicKey>(), random_id<StreamId>()};
        std::vector<Arrival> arrivals{sample_opening(stream)};
        EXPECT_TRUE(store.commit(arrivals, new_year));
        for (std::uint64_t commit = 0; commit < commits; ++commit) {
            SampleDelivery delivery(stream);
            for (std::uint64_t i = 1; i <= in_commit; ++i)
                delivery.add(commit * in_commit + i, sample_finding());
            arrivals = {delivery.get()};
            const auto outcome = store.commit(arrivals, new_year);
            EXPECT_TRUE(outcome) << outcome.error().message;
        }
        --writing;
    };
    std::thread one([&] { write(*writers[0]); });
    std::thread two([&] { write(*writers[1]); });
    std::set<std::pair<std::string, std::uint64_t>> seen;
    Cursor after;
    for (bool is_last = false;;) {
        const auto page = store_->findings_after({}, after, 50);
        ASSERT_TRUE(page) << page.error().message;
        for (const FindingSummary& found : page->findings) {
            EXPECT_GT(found.cursor, after);
            after = found.cursor;
            EXPECT_TRUE(seen.emplace(to_hex(found.stream), found.sequence).second);
        }
        after = page->next;
        if (is_last && page->findings.empty()) break;
        is_last = writing == 0;
    }
    one.join();
    two.join();
    EXPECT_EQ(seen.size(), 2 * commits * in_commit);
}

FOR_EACH_DATABASE(UnitOfWorkTest);

} // namespace
} // namespace minewarden::collector
