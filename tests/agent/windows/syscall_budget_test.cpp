// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/syscall_budget.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t second = 1'000'000'000;
const rules::ImageKey one{1, 10, 1};
const rules::ImageKey two{2, 20, 1};

/// Windows of `image` that begin in [from, from + span), asked every quarter of a second.
int windows_in(SyscallBudget& budget, const rules::ImageKey& image, std::uint64_t from_s,
               std::uint64_t span_s) {
    int windows = 0;
    for (std::uint64_t quarter = 0; quarter < span_s * 4; ++quarter) {
        if (budget.begin({from_s * second + quarter * second / 4}, 10s) == image) ++windows;
    }
    return windows;
}

TEST(SyscallBudget, CountsNothingUnasked) {
    SyscallBudget budget;
    EXPECT_EQ(windows_in(budget, one, 1000, 7200), 0);
}

TEST(SyscallBudget, AllowsThreeWindowsAndThenNoneForAnHour) {
    SyscallBudget budget;
    budget.ask(one);
    EXPECT_EQ(windows_in(budget, one, 1000, 60), 3);
    EXPECT_EQ(windows_in(budget, one, 1060, 3600 - 60), 0);
    EXPECT_EQ(windows_in(budget, one, 1000 + 3600, 3600), 3);
}

TEST(SyscallBudget, AllowsNoMoreWhenAskedAgain) {
    SyscallBudget budget;
    int windows = 0;
    for (std::uint64_t at = 1000; at < 1000 + 3600; at += 5) {
        budget.withdraw(one);
        budget.ask(one);
        windows += windows_in(budget, one, at, 5);
    }
    EXPECT_EQ(windows, 3);
}

TEST(SyscallBudget, PausesBetweenTwoWindowsOfOneImage) {
    SyscallBudget budget;
    budget.ask(one);
    EXPECT_TRUE(budget.begin({1000 * second}, 10s));
    EXPECT_FALSE(budget.begin({1009 * second}, 10s));
    EXPECT_TRUE(budget.begin({1010 * second}, 10s));
}

TEST(SyscallBudget, CountsOneImageAtATimeAndTheLeastCountedFirst) {
    SyscallBudget budget;
    budget.ask(one);
    EXPECT_EQ(budget.begin({1000 * second}, 1s), one);
    budget.ask(two);
    EXPECT_FALSE(budget.begin({1009 * second}, 1s)); // the host has a pause of its own
    EXPECT_EQ(budget.begin({1010 * second}, 1s), two);
    EXPECT_EQ(budget.begin({1020 * second}, 1s), one); // both have one: in order of the image
}

TEST(SyscallBudget, BoundsTheWindowsOfAllImages) {
    SyscallBudget budget;
    for (std::uint32_t pid = 1; pid <= 500; ++pid) budget.ask({pid, 10, 1});
    int windows = 0;
    for (std::uint64_t quarter = 0; quarter < 3599 * 4; ++quarter)
        if (budget.begin({1000 * second + quarter * second / 4}, 10s)) ++windows;
    EXPECT_EQ(windows, SyscallBudget::windows_per_host);
    EXPECT_TRUE(budget.begin({(1000 + 3600) * second}, 10s));
}

TEST(SyscallBudget, StopsWithTheEvidence) {
    SyscallBudget budget;
    budget.ask(one);
    EXPECT_EQ(budget.begin({1000 * second}, 10s), one);
    budget.withdraw(one);
    EXPECT_EQ(windows_in(budget, one, 1020, 100), 0);
}

} // namespace
} // namespace minewarden::agent
