// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/window_clock.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using enum WindowClock::Ending;
constexpr std::uint64_t second = 1'000'000'000;

/// A clock with windows of 10 s whose first window has begun at 1000 s.
class WindowClockTest : public testing::Test {
  protected:
    WindowClockTest() { clock_.end(at(0)); }
    /// So many seconds after the first window began.
    static BootTime at(double seconds) {
        return {1000 * second + static_cast<std::uint64_t>(seconds * 1e9)};
    }
    WindowClock clock_{std::chrono::seconds(10)};
};

TEST(WindowClock, BeginsTheFirstWindowWithTheFirstEnd) {
    WindowClock clock(std::chrono::seconds(10));
    EXPECT_TRUE(clock.is_over({1000 * second}));
    EXPECT_FALSE(clock.may_end_early({1000 * second}));
    clock.end({1000 * second});
    EXPECT_FALSE(clock.is_over({1009 * second}));
    EXPECT_TRUE(clock.is_over({1010 * second}));
}

TEST_F(WindowClockTest, KeepsItsPaceWhenWindowsEndOnTime) {
    EXPECT_FALSE(clock_.is_over(at(9.999)));
    EXPECT_EQ(clock_.end(at(10.25)), on_time);
    EXPECT_FALSE(clock_.is_over(at(19.999)));
    EXPECT_TRUE(clock_.is_over(at(20)));
    EXPECT_EQ(clock_.end(at(29.999)), on_time);
    EXPECT_TRUE(clock_.is_over(at(30)));
}

TEST_F(WindowClockTest, StartsTheNextWindowAtALateEnd) {
    EXPECT_EQ(clock_.end(at(20)), late);
    EXPECT_FALSE(clock_.is_over(at(29.999)));
    EXPECT_TRUE(clock_.is_over(at(30)));
}

TEST_F(WindowClockTest, StartsTheNextWindowAtAnEarlyEnd) {
    EXPECT_EQ(clock_.end(at(4)), early);
    EXPECT_FALSE(clock_.is_over(at(13.999)));
    EXPECT_TRUE(clock_.is_over(at(14)));
}

TEST_F(WindowClockTest, AllowsAnEarlyEndAfterThreeTenths) {
    EXPECT_FALSE(clock_.may_end_early(at(2.999)));
    EXPECT_TRUE(clock_.may_end_early(at(3)));
}

TEST_F(WindowClockTest, AllowsTheNextEarlyEndAfterFiveFullWindows) {
    EXPECT_EQ(clock_.end(at(5)), early);
    for (int window = 0; window < 5; ++window) {
        EXPECT_FALSE(clock_.may_end_early(at(10 * window + 14)));
        EXPECT_EQ(clock_.end(at(10 * window + 15)), on_time);
    }
    EXPECT_TRUE(clock_.may_end_early(at(59)));
}

TEST_F(WindowClockTest, CountsWindows) {
    EXPECT_EQ(clock_.ended(), 1U);
    clock_.end(at(10));
    clock_.end(at(15));
    clock_.end(at(100));
    EXPECT_EQ(clock_.ended(), 4U);
}

} // namespace
} // namespace minewarden::agent
