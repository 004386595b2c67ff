// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/cpu_share.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

TEST(CpuShare, PausesLongAfterALongPiece) {
    CpuShare share(50);
    EXPECT_TRUE(share.is_due({0}));
    share.spend({1000}, 10);
    EXPECT_FALSE(share.is_due({1499}));
    EXPECT_TRUE(share.is_due({1500}));
}

TEST(CpuShare, StaysBelowItsShareOverAll) {
    CpuShare share(50);
    std::uint64_t used = 0;
    constexpr std::uint64_t end = 1'000'000;
    for (std::uint64_t now = 0; now < end; now += 10) {
        if (!share.is_due({now})) continue;
        const std::uint64_t piece = now % 7 == 0 ? 2000 : 3; // small ones and a few large ones
        share.spend({now}, piece);
        used += piece;
    }
    EXPECT_GT(used, end / 100);
    EXPECT_LE(used, end / 50 + 2000);
}

TEST(CpuShare, RestsUntilTheGivenTime) {
    CpuShare share(50);
    share.rest_until({700});
    EXPECT_FALSE(share.is_due({699}));
    EXPECT_TRUE(share.is_due({700}));
}

} // namespace
} // namespace minewarden::agent
