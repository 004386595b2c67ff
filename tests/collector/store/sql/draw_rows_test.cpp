// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/draw_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace minewarden::collector::sql {
namespace {

class DrawRows : public testing::Test {
  protected:
    std::mt19937_64 random_{1};
};

TEST_F(DrawRows, TakesAllInOrderWithinTheBudget) {
    const DrawnRows drawn = draw_rows(10, 15, {1000, 200}, random_);
    EXPECT_EQ(drawn.rows, (std::vector<std::int64_t>{11, 12, 13, 14, 15}));
    EXPECT_EQ(drawn.skipped, 0u);
}

TEST_F(DrawRows, TakesTheBudgetAndCountsTheRest) {
    const DrawnRows drawn = draw_rows(0, 80'000, {1000, 200}, random_);
    EXPECT_EQ(drawn.rows.size(), 200u);
    EXPECT_EQ(drawn.skipped, 79'800u);
    EXPECT_TRUE(std::ranges::is_sorted(drawn.rows));
    EXPECT_EQ(std::ranges::adjacent_find(drawn.rows), drawn.rows.end());
    EXPECT_GE(drawn.rows.front(), 1);
    EXPECT_LE(drawn.rows.back(), 80'000);
}

// An agent that floods must not be able to predict which rows are drawn.
TEST_F(DrawRows, DrawsUniformly) {
    std::map<std::int64_t, int> times;
    for (int i = 0; i < 10'000; ++i)
        for (const std::int64_t row : draw_rows(100, 110, {1000, 3}, random_).rows) ++times[row];
    ASSERT_EQ(times.size(), 10u);
    for (const auto& [row, count] : times) EXPECT_NEAR(count, 3000, 250) << row;
}

TEST_F(DrawRows, DrawsAFractionOfSingleRows) {
    std::size_t drawn = 0;
    for (int i = 0; i < 20'000; ++i) drawn += draw_rows(7, 8, {50, 200}, random_).rows.size();
    EXPECT_NEAR(static_cast<double>(drawn), 1000, 150);
}

TEST_F(DrawRows, DrawsNothingFromAnEmptyRange) {
    EXPECT_TRUE(draw_rows(5, 5, {1000, 200}, random_).rows.empty());
    EXPECT_TRUE(draw_rows(6, 5, {1000, 200}, random_).rows.empty());
    EXPECT_TRUE(draw_rows(0, 5, {0, 200}, random_).rows.empty());
    const DrawnRows none = draw_rows(0, 5, {1000, 0}, random_);
    EXPECT_TRUE(none.rows.empty());
    EXPECT_EQ(none.skipped, 5u);
}

} // namespace
} // namespace minewarden::collector::sql
