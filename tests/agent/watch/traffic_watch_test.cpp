// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/traffic_watch.h"
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using namespace connection_events;

/// Looks that show the connections in `shown_`. Each costs `cost_ns_` of CPU time.
class TrafficWatchTest : public testing::Test {
  protected:
    Observations end_window(std::uint64_t seconds, bool is_wanted = true) {
        return traffic_.end_window({seconds * second}, is_wanted);
    }

    TestConnections connections_;
    std::vector<abi::flow_counts_record> shown_{{1, 500, 300, 5, 3}};
    std::uint64_t cost_ns_ = 0;
    bool complete_ = true;
    bool fails_ = false;
    int looks_ = 0;
    std::uint64_t cpu_ns_ = 0;
    TrafficWatch traffic_{
        connections_,
        [this](const TrafficWatch::OnCounts& on_counts, std::uint64_t most_cpu_ns) -> Result<bool> {
            EXPECT_EQ(most_cpu_ns, 1'000'000'000U);
            ++looks_;
            cpu_ns_ += cost_ns_;
            if (fails_) return fail(ErrorKind::unavailable, "no iterator");
            on_counts(shown_);
            return complete_;
        },
        Connections::Sight::every_socket, [this] { return cpu_ns_; }};
};

TEST_F(TrafficWatchTest, ReturnsTheTrafficOfTheWindow) {
    connections_.on_open(open_event(1));
    ASSERT_EQ(end_window(200).size(), 1U);
    EXPECT_TRUE(end_window(210).empty()); // nothing new
}

TEST_F(TrafficWatchTest, LooksWithoutTrafficRulesOnlyIfAConnectionMatters) {
    connections_.on_open(open_event(1));
    EXPECT_TRUE(end_window(200, false).empty());
    EXPECT_EQ(looks_, 0);
    payload(connections_, 1, 0, login);
    EXPECT_TRUE(end_window(210, false).empty());
    EXPECT_EQ(looks_, 1);
}

TEST_F(TrafficWatchTest, ForgetsASessionWhoseEndWasMissed) {
    connections_.on_open(open_event(1));
    payload(connections_, 1, 0, login);
    shown_.clear();
    end_window(200, false);
    end_window(210, false);
    EXPECT_EQ(connections_.size(), 0U);
    EXPECT_EQ(connections_.ends_missed(), 1U);
}

TEST_F(TrafficWatchTest, ForgetsNothingAfterAnUnfinishedLookOrAFailure) {
    connections_.on_open(open_event(1));
    shown_.clear();
    complete_ = false;
    for (std::uint64_t window = 0; window < 5; ++window) end_window(200 + 10 * window);
    EXPECT_EQ(traffic_.unfinished(), 5U);
    fails_ = true;
    for (std::uint64_t window = 0; window < 5; ++window) end_window(300 + 10 * window);
    EXPECT_EQ(connections_.size(), 1U);
    EXPECT_EQ(traffic_.unfinished(), 5U);
}

TEST_F(TrafficWatchTest, UsesAtMostAFiftiethOfACore) {
    cost_ns_ = second;
    end_window(200);
    end_window(249);
    EXPECT_EQ(looks_, 1);
    end_window(250);
    EXPECT_EQ(looks_, 2);
}

} // namespace
} // namespace minewarden::agent
