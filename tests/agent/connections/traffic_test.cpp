// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

/// What a look at the open connections shows: traffic, and unreported ends.
namespace minewarden::agent {
namespace {

using namespace connection_events;
using Counts = std::vector<abi::flow_counts_record>;
using Ids = std::vector<std::uint64_t>;
using enum Connections::Sight;

constexpr BootTime later{200 * second};

void look(Connections& connections, const Counts& counts) {
    connections.begin_look();
    connections.on_counts(counts);
}

/// How many connections are forgotten after a complete look that showed these.
std::size_t ended(Connections& connections, const Counts& shown,
                  Connections::Sight sight = every_socket, BootTime asked = later) {
    const std::size_t before = connections.size();
    look(connections, shown);
    connections.forget_ended(sight, asked);
    return before - connections.size();
}

TEST(ConnectionTraffic, ReportsWhatWasCarriedInTheWindow) {
    namespace field = rules::flow_window;
    TestConnections connections;
    connections.on_open(open_event(1));
    const Counts counts{{1, 500, 300, 5, 3}, {2, 1, 1, 1, 1}}; // flow 2 is not known
    look(connections, counts);
    auto seen = connections.traffic({110 * second});
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].image.pid, 42u);
    EXPECT_EQ(seen[0].observation.integer(field::sent_bytes), 500);
    EXPECT_EQ(seen[0].observation.integer(field::received_segments), 3);
    EXPECT_EQ(seen[0].observation.integer(field::age_s), 10);
    look(connections, counts);
    EXPECT_TRUE(connections.traffic({120 * second}).empty()) << "nothing new";

    abi::flow_event end = open_event(1);
    end.header.type = abi::EVENT_FLOW_CLOSE;
    end.bytes_sent = 700;
    end.bytes_received = 301;
    end.segments_sent = 7;
    end.segments_received = 3;
    seen = connections.on_close(end);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].observation.integer(field::sent_bytes), 200);
    EXPECT_EQ(text(seen[0].observation, field::closed), "true");
}

TEST(ConnectionTraffic, ReportsAConnectionWithManyDescriptorsOnce) {
    TestConnections connections;
    connections.on_open(open_event(1));
    look(connections, {{1, 500, 300, 5, 3}, {1, 500, 300, 5, 3}});
    connections.on_counts(Counts{{1, 501, 300, 5, 3}}); // the next piece
    const auto seen = connections.traffic({110 * second});
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].observation.integer(rules::flow_window::sent_bytes), 501);
}

TEST(ConnectionTraffic, ReportsOnlyWhatAnUnfinishedLookShowed) {
    TestConnections connections;
    connections.on_open(open_event(1));
    connections.on_open(open_event(2));
    look(connections, {{1, 10, 0, 1, 0}, {2, 20, 0, 1, 0}});
    EXPECT_EQ(connections.traffic({110 * second}).size(), 2u);
    look(connections, {{1, 30, 0, 2, 0}});
    EXPECT_EQ(connections.traffic({120 * second}).size(), 1u);
    look(connections, {{2, 50, 0, 2, 0}});
    const auto seen = connections.traffic({130 * second});
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].observation.integer(rules::flow_window::sent_bytes), 30);
}

TEST(ConnectionTraffic, LeavesOutWhatWasCarriedBeforeTheAgent) {
    TestConnections connections;
    abi::flow_event event = open_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE);
    event.bytes_sent = 1'000'000;
    event.segments_sent = 900;
    connections.on_open(event);
    look(connections, {{1, 1'000'100, 0, 901, 0}});
    const auto seen = connections.traffic({110 * second});
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].observation.integer(rules::flow_window::sent_bytes), 100);
}

TEST(ConnectionTraffic, ForgetsAConnectionThatTwoLooksLack) {
    TestConnections connections;
    connections.on_open(open_event(1));
    connections.on_open(open_event(2));
    payload(connections, 1, 0, login);
    ASSERT_TRUE(connections.has_any_that_matters());
    const Counts counts{{2, 0, 0, 0, 0}};
    EXPECT_EQ(ended(connections, counts), 0u) << "its end may still be on the way";
    EXPECT_EQ(ended(connections, counts), 1u);
    EXPECT_FALSE(connections.has_any_that_matters());
    EXPECT_TRUE(connections.sessions(later).empty());
    EXPECT_EQ(connections.size(), 1u);
    EXPECT_EQ(connections.ends_missed(), 1u);
}

TEST(ConnectionTraffic, KeepsAConnectionOpenedSinceOrShownAgain) {
    TestConnections connections;
    connections.on_open(open_event(1));
    ended(connections, {});
    ended(connections, {{1, 0, 0, 0, 0}});
    EXPECT_EQ(ended(connections, {}), 0u);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(ended(connections, {}, every_socket, {50 * second}), 0u) << "opened since";
}

TEST(HeldSockets, KeepsAConnectionWithoutDescriptorWhileItsOwnerRuns) {
    TestConnections connections;
    connections.on_open(open_event(1));
    for (unsigned i = 0; i < Connections::looks_until_forgotten - 1; ++i)
        EXPECT_EQ(ended(connections, {}, held_sockets), 0u);
    EXPECT_EQ(connections.take_to_read_again(100), Ids{1})
        << "its next payload shows that it is there";
    payload(connections, 1, 0, login);
    for (unsigned i = 0; i < Connections::looks_until_forgotten - 1; ++i)
        EXPECT_EQ(ended(connections, {}, held_sockets), 0u);
    EXPECT_EQ(connections.take_to_read_again(100), Ids{1});
}

TEST(HeldSockets, ForgetsAConnectionThatIsSilentForLong) {
    TestConnections connections;
    connections.on_open(open_event(1));
    unsigned looks = 0;
    while (connections.size() == 1 && looks < 2 * Connections::looks_until_forgotten) {
        ended(connections, {}, held_sockets);
        ++looks;
    }
    EXPECT_EQ(looks, Connections::looks_until_forgotten);
}

TEST(HeldSockets, ForgetsAConnectionWhoseOwnerEndedAfterTwoLooks) {
    TestConnections connections;
    connections.on_open(open_event(1));
    connections.ended.insert(42);
    EXPECT_EQ(ended(connections, {}, held_sockets), 0u);
    EXPECT_EQ(ended(connections, {}, held_sockets), 1u);
}

TEST(HeldSockets, ForgetsAConnectionWithoutOwnerAfterTwoLooks) {
    TestConnections connections;
    connections.on_open(unowned_event(1));
    EXPECT_EQ(ended(connections, {}, held_sockets), 0u);
    EXPECT_EQ(ended(connections, {}, held_sockets), 1u);
}

TEST(ConnectionTraffic, QueuesAgainWhatWasNotCapturedAsAsked) {
    TestConnections connections;
    connections.on_open(open_event(1));
    connections.queue_again(Ids{1, 2}); // 2 has ended
    EXPECT_EQ(connections.take_to_read_again(100), Ids{1});
}

} // namespace
} // namespace minewarden::agent
