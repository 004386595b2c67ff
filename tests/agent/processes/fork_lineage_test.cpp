// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/fork_lineage.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using rules::ImageKey;

constexpr std::uint64_t second = 1'000'000'000;

/// A process of the same program; its start in seconds.
ImageKey image(std::uint32_t pid, std::uint64_t start, std::uint64_t number = 3) {
    return {pid, start * second, number};
}

TEST(ForkLineage, OwnsForksButNotOtherPrograms) {
    ForkLineage lineage;
    lineage.on_fork(image(1, 10), image(2, 20));
    EXPECT_EQ(lineage.owner_of(image(2, 20)), image(1, 10));
    EXPECT_FALSE(lineage.owner_of(image(2, 20, 4))); // after an exec
    lineage.on_fork(image(1, 10), image(3, 30, 4));  // the exec of its parent was missed
    EXPECT_FALSE(lineage.owner_of(image(3, 30, 4)));
}

TEST(ForkLineage, KeepsNothingOfAnEndedFork) {
    ForkLineage lineage;
    lineage.on_fork(image(1, 10), image(2, 20));
    EXPECT_EQ(lineage.on_departure(image(2, 20)), std::vector{image(2, 20)});
    EXPECT_EQ(lineage.on_departure(image(1, 10)), std::vector{image(1, 10)});
    EXPECT_EQ(lineage.size(), 0u);
}

TEST(ForkLineage, ReturnsAProcessThatNeverForkedWhenItEnds) {
    ForkLineage lineage;
    EXPECT_EQ(lineage.on_departure(image(1, 10)), std::vector{image(1, 10)});
}

TEST(ForkLineage, KeepsTheFounderOfAChainOfForks) {
    ForkLineage lineage;
    ImageKey member = image(1, 10);
    for (std::uint32_t pid = 2; pid < 100; ++pid) {
        const ImageKey next = image(pid, 10 * pid);
        lineage.on_fork(member, next);
        const auto gone = lineage.on_departure(member);
        if (pid == 2)
            EXPECT_TRUE(gone.empty()); // the founder stays for its forks
        else
            EXPECT_EQ(gone, std::vector{member});
        EXPECT_EQ(lineage.owner_of(next), image(1, 10));
        EXPECT_EQ(lineage.size(), 2u);
        member = next;
    }
    const auto gone = lineage.on_departure(member);
    EXPECT_EQ(gone, (std::vector{member, image(1, 10)}));
    EXPECT_EQ(lineage.size(), 0u);
}

TEST(ForkLineage, PassesForksOfAnEndedForkToItsOwner) {
    ForkLineage lineage;
    lineage.on_fork(image(1, 10), image(2, 20));
    lineage.on_fork(image(2, 20), image(3, 30));
    lineage.on_departure(image(2, 20));
    EXPECT_EQ(lineage.owner_of(image(3, 30)), image(1, 10));
    EXPECT_EQ(lineage.forks_of(image(1, 10)), std::vector{image(3, 30)});
}

TEST(ForkLineage, CreditsWorkOfYoungForksToTheFirstThatIsNotYoung) {
    ForkLineage lineage;
    lineage.on_fork(image(1, 10), image(2, 20));
    lineage.on_fork(image(2, 20), image(3, 90));
    lineage.on_fork(image(3, 90), image(4, 95));
    const BootTime young{60 * second};
    EXPECT_EQ(lineage.credited(image(4, 95), young), image(2, 20));
    EXPECT_EQ(lineage.credited(image(3, 90), young), image(2, 20));
    EXPECT_EQ(lineage.credited(image(2, 20), young), image(2, 20)); // old: judged for itself
    EXPECT_EQ(lineage.credited(image(4, 95), {0}), image(1, 10));
}

TEST(ForkLineage, CreditsADaemonWhoseStarterHasEnded) {
    ForkLineage lineage;
    lineage.on_fork(image(1, 10), image(2, 20)); // the starter
    lineage.on_departure(image(1, 10));
    lineage.on_fork(image(2, 20), image(3, 30));
    EXPECT_EQ(lineage.credited(image(3, 30), {0}), image(2, 20));
}

TEST(ForkLineage, FollowsABoundedNumberOfForks) {
    ForkLineage lineage;
    for (std::uint32_t pid = 2; pid < ForkLineage::maximum_members + 1000; ++pid)
        lineage.on_fork(image(1, 1), image(pid, pid));
    EXPECT_LE(lineage.size(), ForkLineage::maximum_members + 1);
}

} // namespace
} // namespace minewarden::agent
