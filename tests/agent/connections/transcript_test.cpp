// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

/// Connections that only tell of mining: logs, copies, echoes.
namespace minewarden::agent {
namespace {

using namespace connection_events;

const std::string job = R"({"jsonrpc":"2.0","method":"job","params":{"blob":")" +
                        std::string(152, '0') + R"(","job_id":"j","target":"b88d0600"}})" + "\n";

TEST(Transcript, IsNotReportedInOnePiece) {
    for (const abi::flow_direction direction : {abi::FLOW_SENT, abi::FLOW_RECEIVED}) {
        TestConnections connections;
        connections.on_open(open_event(1));
        EXPECT_TRUE(payload(connections, 1, 0, login + job, direction).empty());
        EXPECT_TRUE(connections.sessions({160 * second}).empty());
    }
}

TEST(Transcript, RevokesWhatItsFirstLineShowed) {
    namespace field = rules::stratum_message;
    TestConnections connections;
    connections.on_open(open_event(1));
    ASSERT_EQ(payload(connections, 1, 0, login).size(), 1U);
    const auto offset = static_cast<std::uint32_t>(login.size());
    const auto said = payload(connections, 1, offset, job);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(text(said[0].observation, field::message), "transcript");
    EXPECT_EQ(text(said[0].observation, field::role), "other");
    const auto sessions = connections.sessions({160 * second});
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(text(sessions[0].observation, rules::stratum_session::role), "other");
    // The pool answers after all: this end is a miner that sent one message too many.
    ASSERT_EQ(payload(connections, 1, 0, job, abi::FLOW_RECEIVED).size(), 1U);
    EXPECT_EQ(
        text(connections.sessions({160 * second})[0].observation, rules::stratum_session::role),
        "client");
}

TEST(Transcript, StartsNoSearchForItsReceiver) {
    TestConnections connections;
    connections.on_open(unowned_event(1));
    EXPECT_TRUE(payload(connections, 1, 0, login, abi::FLOW_RECEIVED).empty());
    const auto offset = static_cast<std::uint32_t>(login.size());
    EXPECT_TRUE(payload(connections, 1, offset, job, abi::FLOW_RECEIVED).empty());
    const abi::flow_holder_record holder{.holder = {second, 1, 43, 0}, .flow_id = 1};
    connections.on_holders(std::span(&holder, 1));
    EXPECT_TRUE(connections.settle_holders(true, {}).empty());
    EXPECT_TRUE(connections.sessions({160 * second}).empty());
}

} // namespace
} // namespace minewarden::agent
