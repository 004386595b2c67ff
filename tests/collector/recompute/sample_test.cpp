// SPDX-License-Identifier: Apache-2.0
#include "collector/recompute/sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace minewarden::collector {
namespace {

class ChooseSample : public testing::Test {
  protected:
    std::mt19937_64 random_{1};
};

TEST_F(ChooseSample, TakesAllInOrderWhileTheBudgetLasts) {
    const Sample sample = choose_sample(10, 15, 1000, 200, random_);
    EXPECT_EQ(sample.chosen, (std::vector<Cursor>{11, 12, 13, 14, 15}));
    EXPECT_EQ(sample.skipped, 0u);
}

TEST_F(ChooseSample, OfTooManyItTakesTheBudgetAndCountsTheRest) {
    const Sample sample = choose_sample(0, 80'000, 1000, 200, random_);
    EXPECT_EQ(sample.chosen.size(), 200u);
    EXPECT_EQ(sample.skipped, 79'800u);
    EXPECT_TRUE(std::ranges::is_sorted(sample.chosen));
    EXPECT_EQ(std::ranges::adjacent_find(sample.chosen), sample.chosen.end());
    EXPECT_GE(sample.chosen.front(), 1u);
    EXPECT_LE(sample.chosen.back(), 80'000u);
}

// Whoever floods must not be able to tell which of it is looked at.
TEST_F(ChooseSample, ItChoosesEvenly) {
    std::map<Cursor, int> times;
    for (int i = 0; i < 10'000; ++i)
        for (const Cursor row : choose_sample(100, 110, 1000, 3, random_).chosen) ++times[row];
    ASSERT_EQ(times.size(), 10u);
    for (const auto& [row, count] : times) EXPECT_NEAR(count, 3000, 250) << row;
}

TEST_F(ChooseSample, APartOfAThousandAlsoOfFewRowsAtATime) {
    std::size_t chosen = 0;
    for (int i = 0; i < 20'000; ++i) chosen += choose_sample(7, 8, 50, 200, random_).chosen.size();
    EXPECT_NEAR(static_cast<double>(chosen), 1000, 150);
}

TEST_F(ChooseSample, NothingOfNothing) {
    EXPECT_TRUE(choose_sample(5, 5, 1000, 200, random_).chosen.empty());
    EXPECT_TRUE(choose_sample(6, 5, 1000, 200, random_).chosen.empty());
    EXPECT_TRUE(choose_sample(0, 5, 0, 200, random_).chosen.empty());
    const Sample none = choose_sample(0, 5, 1000, 0, random_);
    EXPECT_TRUE(none.chosen.empty());
    EXPECT_EQ(none.skipped, 5u);
}

} // namespace
} // namespace minewarden::collector
