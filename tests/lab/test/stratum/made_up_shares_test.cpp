// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/made_up_shares.h"

#include <gtest/gtest.h>

#include <poll.h>

namespace minewarden::lab {
namespace {

using namespace std::chrono_literals;

std::optional<Share> take_after_waiting(MadeUpShares& shares) {
    pollfd wait{shares.fd(), POLLIN, 0};
    if (::poll(&wait, 1, 10'000) <= 0) return std::nullopt;
    return shares.take();
}

TEST(MadeUpShares, MeetTheClaimedTarget) {
    MadeUpShares shares(1ms);
    MoneroJob job;
    job.job_id = "j";
    job.target = 1000;
    shares.on_job(job);
    for (int i = 0; i < 20; ++i) {
        const auto share = take_after_waiting(shares);
        ASSERT_TRUE(share);
        EXPECT_TRUE(meets_target(std::get<MoneroShare>(*share).result, job.target));
    }
}

TEST(MadeUpShares, RequireAJob) {
    MadeUpShares shares(1ms);
    EXPECT_FALSE(take_after_waiting(shares));
}

TEST(MadeUpShares, FitTheSubscription) {
    MadeUpShares shares(1ms);
    BitcoinWork work;
    work.extranonce2_size = 6;
    work.job.time = 77;
    shares.on_job(work);
    const auto share = take_after_waiting(shares);
    ASSERT_TRUE(share);
    EXPECT_EQ(std::get<BitcoinShare>(*share).extranonce2.size(), 6U);
    EXPECT_EQ(std::get<BitcoinShare>(*share).time, 77U);
}

TEST(MadeUpShares, IntervalZeroGivesNoShares) {
    MadeUpShares shares(0ms);
    pollfd wait{shares.fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&wait, 1, 50), 0);
}

} // namespace
} // namespace minewarden::lab
