// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/reading_on.h"
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

#include <numeric>

namespace minewarden::agent {
namespace {

using namespace connection_events;
using Ids = std::vector<std::uint64_t>;

/// Connections that wait to be captured again.
class ReadingOnTest : public testing::Test {
  protected:
    void queue(std::uint64_t count) {
        for (std::uint64_t flow = 1; flow <= count; ++flow) {
            connections_.on_open(open_event(flow));
            payload(connections_, flow, 0, "not json");
        }
    }
    /// What is asked for at the end of a window; nothing if there was no call.
    std::optional<Ids> asked(Result<Ids> answer) {
        std::optional<Ids> ids;
        read_on(connections_, [&](std::span<const std::uint64_t> flow_ids) {
            ids.emplace(flow_ids.begin(), flow_ids.end());
            return answer;
        });
        return ids;
    }
    TestConnections connections_;
};

TEST_F(ReadingOnTest, AsksForSomeConnectionsInEachWindow) {
    queue(200);
    Ids first(FLOW_READ_AGAIN_MAXIMUM);
    std::iota(first.begin(), first.end(), 1);
    EXPECT_EQ(asked(Ids{}), first);
    EXPECT_EQ(asked(Ids{})->size(), 200 - FLOW_READ_AGAIN_MAXIMUM);
    EXPECT_EQ(asked(Ids{}), std::nullopt);
}

TEST_F(ReadingOnTest, QueuesConnectionsThatTheKernelGaveUp) {
    queue(3);
    EXPECT_EQ(asked(Ids{2}), (Ids{1, 2, 3}));
    EXPECT_EQ(asked(Ids{}), Ids{2});
}

TEST_F(ReadingOnTest, QueuesAllOfThemAfterAFailure) {
    queue(3);
    EXPECT_EQ(asked(fail(ErrorKind::unavailable, "no map")), (Ids{1, 2, 3}));
    EXPECT_EQ(asked(Ids{}), (Ids{1, 2, 3}));
}

} // namespace
} // namespace minewarden::agent
