// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/conditions.h"

#include <gtest/gtest.h>

#include <deque>
#include <limits>

namespace minewarden::rules::conditions {
namespace {

using test::integer;
using test::truth;
using enum Truth;

constexpr std::int64_t absent = -1'000'000;    ///< no observation in that window
constexpr std::int64_t not_known = -1'000'001; ///< an observation without the value

/// Windows of one thread with these values of cpu_permille, newest first.
class Windows {
  public:
    Windows(std::initializer_list<std::int64_t> values) {
        for (const std::int64_t value : values) {
            if (value == absent) {
                span_.push_back(nullptr);
                continue;
            }
            Observation& window = windows_.emplace_back(ObservationType::thread_window);
            if (value != not_known) window.set(thread_window::cpu_permille, integer(value));
            span_.push_back(&window);
        }
    }
    [[nodiscard]] const std::vector<const Observation*>& span() const { return span_; }

  private:
    std::deque<Observation> windows_;
    std::vector<const Observation*> span_;
};

TEST(Aggregates, OverFullWindows) {
    const Windows windows{10, 20, 60};
    EXPECT_EQ(truth("sum(cpu_permille over 3 windows) = 90", windows.span()), yes);
    EXPECT_EQ(truth("avg(cpu_permille over 3 windows) = 30", windows.span()), yes);
    EXPECT_EQ(truth("min(cpu_permille over 3 windows) = 10", windows.span()), yes);
    EXPECT_EQ(truth("max(cpu_permille over 3 windows) = 60", windows.span()), yes);
    EXPECT_EQ(truth("count(cpu_permille >= 20 over 3 windows) = 2", windows.span()), yes);
}

TEST(Aggregates, UseOnlyTheirWindows) {
    const Windows windows{10, 20, 60};
    EXPECT_EQ(truth("sum(cpu_permille over 1 window) = 10", windows.span()), yes);
    EXPECT_EQ(truth("sum(cpu_permille over 2 windows) = 30", windows.span()), yes);
    EXPECT_EQ(truth("max(cpu_permille over 2 windows) = 20", windows.span()), yes);
}

TEST(Aggregates, MissingWindowsCountAsZero) {
    for (const std::int64_t missing : {absent, not_known}) {
        const Windows windows{10, missing, 60};
        EXPECT_EQ(truth("sum(cpu_permille over 3 windows) = 70", windows.span()), yes);
        EXPECT_EQ(truth("min(cpu_permille over 3 windows) = 0", windows.span()), yes);
        EXPECT_EQ(truth("max(cpu_permille over 3 windows) = 60", windows.span()), yes);
        EXPECT_EQ(truth("avg(cpu_permille over 3 windows) = 23", windows.span()), yes);
        EXPECT_EQ(truth("count(cpu_permille >= 0 over 3 windows) = 2", windows.span()), yes);
    }
}

TEST(Aggregates, AShortHistoryCountsAsZero) {
    const Windows windows{30};
    EXPECT_EQ(truth("sum(cpu_permille over 3 windows) = 30", windows.span()), yes);
    EXPECT_EQ(truth("avg(cpu_permille over 3 windows) = 10", windows.span()), yes);
    EXPECT_EQ(truth("min(cpu_permille over 3 windows) = 0", windows.span()), yes);
    EXPECT_EQ(truth("count(cpu_permille > 0 over 30 windows) = 1", windows.span()), yes);
}

TEST(Aggregates, IgnoreWindowsBeyondTheirSpan) {
    const Windows windows{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    EXPECT_EQ(truth("sum(cpu_permille over 3 windows) = 3", windows.span()), yes);
    EXPECT_EQ(truth("count(cpu_permille = 1 over 3 windows) = 3", windows.span()), yes);
}

TEST(Aggregates, HandleNegativeValues) {
    const Windows windows{-10, -20, absent};
    EXPECT_EQ(truth("min(cpu_permille over 3 windows) = -20", windows.span()), yes);
    EXPECT_EQ(truth("max(cpu_permille over 3 windows) = 0", windows.span()), yes);
    EXPECT_EQ(truth("max(cpu_permille over 2 windows) = -10", windows.span()), yes);
    EXPECT_EQ(truth("sum(cpu_permille over 3 windows) = -30", windows.span()), yes);
}

TEST(Aggregates, AcceptExpressions) {
    const Windows windows{10, 20, 60};
    EXPECT_EQ(truth("sum(cpu_permille * 2 + 1 over 3 windows) = 183", windows.span()), yes);
    EXPECT_EQ(truth("count(cpu_permille > 10 and not cpu_permille = 60 over 3 windows) = 1",
                    windows.span()),
              yes);
    EXPECT_EQ(truth("sum(cpu_permille over 3 windows) * 2 - min(cpu_permille over 2 windows) = 170",
                    windows.span()),
              yes);
}

TEST(Aggregates, SumsSaturate) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(truth("sum(cpu_permille over 3 windows) = 9223372036854775807",
                    Windows{most, most, most}.span()),
              yes);
    EXPECT_EQ(truth("sum(cpu_permille over 2 windows) < -9223372036854775807",
                    Windows{least, least}.span()),
              yes);
    EXPECT_EQ(truth("avg(cpu_permille over 2 windows) > 0", Windows{most, most}.span()), yes);
}

TEST(Aggregates, CountIgnoresUnknownValues) {
    const Windows windows{not_known, 5, absent};
    EXPECT_EQ(truth("count(cpu_permille = 5 over 3 windows) = 1", windows.span()), yes);
    EXPECT_EQ(truth("count(not cpu_permille = 5 over 3 windows) = 0", windows.span()), yes)
        << "an unknown value does not hold, negated or not";
    EXPECT_EQ(truth("count(not exists cpu_permille over 3 windows) = 1", windows.span()), yes)
        << "no condition holds in a window without an observation";
}

TEST(Aggregates, CountAcceptsAMacro) {
    Names names;
    names.macros.emplace(
        "busy", *Condition::compile("cpu_permille >= 20", ObservationType::thread_window, {}));
    const Windows windows{10, 20, 60};
    EXPECT_EQ(truth("count(busy over 3 windows) = 2", windows.span(), names), yes);
}

TEST(Aggregates, AFieldOutsideAnAggregateIsTheCurrentValue) {
    const Windows windows{10, 20, 60};
    EXPECT_EQ(truth("cpu_permille = 10 and max(cpu_permille over 3 windows) = 60", windows.span()),
              yes);
}

TEST(Aggregates, AcceptOneToThirtyWindows) {
    const auto compiles = [](const std::string& windows) {
        return Condition::compile("sum(cpu_permille over " + windows + ") > 1",
                                  ObservationType::thread_window, {})
            .has_value();
    };
    EXPECT_TRUE(compiles("1 window"));
    EXPECT_TRUE(compiles("30 windows"));
    for (const char* windows :
         {"0 windows", "31 windows", "-1 windows", "9223372036854775807 windows",
          "99999999999999999999 windows", "x windows", "3", "windows", "3 seconds", "1.5 windows",
          "cpu_permille windows"})
        EXPECT_FALSE(compiles(windows)) << windows;
}

} // namespace
} // namespace minewarden::rules::conditions
