// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

/// Reading what a connection says after its first kilobytes.
namespace minewarden::agent {
namespace {

using namespace connection_events;
using Ids = std::vector<std::uint64_t>;

const std::string filler(rules::StreamHead::window, 'x');
const std::string submit =
    R"({"id":9,"jsonrpc":"2.0","method":"submit","params":{"id":"s","job_id":"j","nonce":"0a0b0c0d",)"
    R"("result":")" +
    std::string(64, 'a') + "\"}}\n";
const std::string job = R"({"jsonrpc":"2.0","method":"job","params":{"blob":")" +
                        std::string(152, '0') + R"(","job_id":"j","target":"b88d0600"}})" + "\n";

constexpr std::uint32_t again = abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE | abi::FLOW_READ_AGAIN;

Ids all_of(Connections& connections) {
    return connections.take_to_read_again(100);
}

TEST(ReadingAgain, ReadsOnAfterTheEndOfTheCapture) {
    TestConnections connections;
    connections.on_open(open_event(1));
    payload(connections, 1, 0, "{\"padding\": \"" + filler);
    EXPECT_EQ(all_of(connections), Ids{1});
    EXPECT_EQ(all_of(connections), Ids{}) << "asked for, and nothing was said since";
    connections.on_open(open_event(1, again));
    const auto seen = payload(connections, 1, 0, submit);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(text(seen[0].observation, rules::stratum_message::message), "submit");
    EXPECT_EQ(all_of(connections), Ids{}) << "there is room left";
    payload(connections, 1, static_cast<std::uint32_t>(submit.size()), filler);
    EXPECT_EQ(all_of(connections), Ids{1});
}

TEST(ReadingAgain, ReadsTheOtherDirectionUntilThen) {
    TestConnections connections;
    connections.on_open(open_event(1));
    payload(connections, 1, 0, "{\"a\": \"" + filler, abi::FLOW_RECEIVED);
    EXPECT_EQ(payload(connections, 1, 0, login).size(), 1U);
    EXPECT_EQ(all_of(connections), Ids{1});
}

TEST(ReadingAgain, ReadsAgainWhereNothingWasLeftToLookFor) {
    TestConnections connections;
    connections.on_open(open_event(1));
    EXPECT_TRUE(payload(connections, 1, 0, std::string("\x16\x03\x01 first", 9)).empty());
    EXPECT_TRUE(payload(connections, 1, 9, login).empty());
    EXPECT_EQ(all_of(connections), Ids{1});
    connections.on_open(open_event(1, again));
    EXPECT_EQ(payload(connections, 1, 0, submit).size(), 1U);
}

TEST(ReadingAgain, QueuesAgainWhenTheEventWasLost) {
    TestConnections connections;
    connections.on_open(open_event(1));
    payload(connections, 1, 0, std::string("\x16\x03\x01 first", 9));
    EXPECT_EQ(all_of(connections), Ids{1});
    EXPECT_TRUE(payload(connections, 1, 0, submit).empty());
    EXPECT_EQ(all_of(connections), Ids{1});
}

TEST(ReadingAgain, LeavesOutEndedAndSkippedConnections) {
    TestConnections connections;
    connections.on_open(open_event(1));
    payload(connections, 1, 0, filler);
    connections.on_close(open_event(1));
    connections.on_open(open_event(2, abi::FLOW_ESTABLISHED | abi::FLOW_PAYLOAD_SKIPPED));
    EXPECT_EQ(all_of(connections), Ids{});
}

TEST(ReadingAgain, TakesConnectionsInTurn) {
    TestConnections connections;
    for (std::uint64_t id = 1; id <= 5; ++id) {
        connections.on_open(open_event(id));
        payload(connections, id, 0, "not json");
    }
    connections.on_close(open_event(2));
    EXPECT_EQ(connections.take_to_read_again(2), (Ids{1, 3}));
    payload(connections, 1, 8, "more");
    EXPECT_EQ(all_of(connections), (Ids{4, 5, 1}));
}

// A busy server: in each window a hundred thousand connections end before their turn comes, and
// there are more long ones than are read again at once.
TEST(ReadingAgain, KeepsNothingOfEndedConnections) {
    ReadingQueue queue;
    constexpr std::uint64_t lasting = 500;
    for (std::uint64_t id = 0; id < lasting; ++id) queue.add(id);
    std::uint64_t next = lasting;
    for (int window = 0; window < 10; ++window) {
        for (int i = 0; i < 100'000; ++i, ++next) {
            queue.add(next);
            queue.remove(next);
        }
        EXPECT_LE(queue.places(), 2 * (lasting + 1) + ReadingQueue::maximum_stale_places);
        for (const std::uint64_t id : queue.take(128)) {
            EXPECT_LT(id, lasting);
            queue.add(id);
        }
    }
}

TEST(ReadingAgain, KeepsTheCountsOfASession) {
    TestConnections connections;
    connections.on_open(open_event(1));
    payload(connections, 1, 0, login);
    payload(connections, 1, 0, job, abi::FLOW_RECEIVED);
    connections.on_open(open_event(1, again));
    payload(connections, 1, 0, submit);
    const auto sessions = connections.sessions({200 * second});
    ASSERT_EQ(sessions.size(), 1U);
    namespace field = rules::stratum_session;
    EXPECT_EQ(sessions[0].observation.integer(field::client_messages), 2);
    EXPECT_EQ(sessions[0].observation.integer(field::server_messages), 1);
    EXPECT_EQ(sessions[0].observation.integer(field::submits), 1);
    EXPECT_EQ(sessions[0].observation.integer(field::age_s), 100);
}

} // namespace
} // namespace minewarden::agent
