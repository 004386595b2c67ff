// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using namespace connection_events;
using rules::Observation;
namespace message_field = rules::stratum_message;
namespace session_field = rules::stratum_session;

TEST(Connections, ReportsALoginWithItsOwnerAndPeer) {
    TestConnections connections;
    EXPECT_TRUE(connections.on_open(open_event(1)).empty());
    const auto found = payload(connections, 1, 0, login);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 42u);
    const Observation& observation = found[0].observation;
    EXPECT_EQ(text(observation, message_field::message), "login");
    EXPECT_EQ(text(observation, message_field::role), "client");
    EXPECT_EQ(text(observation, message_field::sent), "true");
    EXPECT_EQ(text(observation, message_field::remote_address), "127.0.0.1");
    EXPECT_EQ(observation.integer(message_field::remote_port), 3333);
    EXPECT_EQ(observation.entity, 1);
}

TEST(Connections, AcceptsPiecesInAnyOrderAndTwice) {
    TestConnections connections;
    connections.on_open(open_event(1));
    EXPECT_TRUE(payload(connections, 1, 30, login.substr(30)).empty());
    EXPECT_TRUE(payload(connections, 1, 30, login.substr(30)).empty());
    EXPECT_EQ(payload(connections, 1, 0, login.substr(0, 40)).size(), 1u);
    EXPECT_TRUE(payload(connections, 1, 0, login).empty());
}

TEST(Connections, KeepsPayloadOnTheSynUntilTheOwnerIsKnown) {
    TestConnections connections;
    EXPECT_TRUE(payload(connections, 1, 0, login).empty());
    const auto found = connections.on_open(open_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 42u);
}

TEST(Connections, CallsTheReceiverOfALoginTheServer) {
    TestConnections connections;
    connections.on_open(open_event(1));
    const auto found = payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(text(found[0].observation, message_field::role), "server");
}

TEST(Connections, ReportsSessionsWhileTheyAreOpen) {
    TestConnections connections;
    connections.on_open(open_event(1));
    connections.on_open(open_event(2)); // not Stratum
    payload(connections, 1, 0, "{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": []}\n");
    payload(connections, 1, 0, subscribed, abi::FLOW_RECEIVED);
    payload(connections, 2, 0, "GET / HTTP/1.1\r\n");
    const auto sessions = connections.sessions({160 * second});
    ASSERT_EQ(sessions.size(), 1u);
    const Observation& session = sessions[0].observation;
    EXPECT_EQ(text(session, session_field::dialect), "bitcoin");
    EXPECT_EQ(session.integer(session_field::age_s), 60);
    EXPECT_EQ(session.integer(session_field::client_messages), 1);
    EXPECT_EQ(session.integer(session_field::server_messages), 1);
    connections.on_close(open_event(1));
    EXPECT_TRUE(connections.sessions({170 * second}).empty());
    EXPECT_EQ(connections.size(), 1u);
}

TEST(Connections, DoesNotReadAConnectionWhoseCaptureWasSkipped) {
    TestConnections connections;
    connections.on_open(open_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_PAYLOAD_SKIPPED));
    EXPECT_TRUE(payload(connections, 1, 0, login).empty());
}

TEST(Connections, StopsReadingAtPayloadThatIsNoJson) {
    TestConnections connections;
    connections.on_open(open_event(1));
    EXPECT_TRUE(payload(connections, 1, 0, "SSH-2.0-OpenSSH_9.2\r\n", abi::FLOW_RECEIVED).empty());
    EXPECT_TRUE(payload(connections, 1, 0, login).empty());
}

TEST(Connections, ForgetsAndCountsTheOldestWhenFull) {
    TestConnections connections(3);
    for (std::uint64_t flow = 1; flow <= 5; ++flow) connections.on_open(open_event(flow));
    EXPECT_EQ(connections.size(), 3u);
    EXPECT_EQ(connections.forgotten(), 2u);
    connections.on_close(open_event(1)); // long forgotten
    EXPECT_EQ(connections.size(), 3u);
}

TEST(Connections, ReadsBoundedPayloadOfHostilePeers) {
    TestConnections connections;
    connections.on_open(open_event(1));
    std::string nested;
    for (int i = 0; i < 4000; ++i) nested += "{\"a\":";
    EXPECT_TRUE(payload(connections, 1, 0, nested.substr(0, 4096)).empty());
    connections.on_open(open_event(2));
    EXPECT_TRUE(payload(connections, 2, 0, std::string(4096, '\0')).empty());
    EXPECT_TRUE(payload(connections, 2, 0xffffffff, "x").empty());
    EXPECT_TRUE(payload(connections, 2, 4090, std::string(4096, '{')).empty());
}

const std::string libp2p_hello = "\x13/multistream/1.0.0\n\x07/noise\n";

TEST(Connections, ReportsNodeHandshakesInBothDirections) {
    TestConnections connections;
    connections.on_open(open_event(1));
    const auto sent = payload(connections, 1, 0, libp2p_hello);
    const auto answered = payload(connections, 1, 0, libp2p_hello, abi::FLOW_RECEIVED);
    ASSERT_EQ(sent.size(), 1u);
    ASSERT_EQ(answered.size(), 1u);
    for (const auto* one : {&sent[0], &answered[0]}) {
        namespace field = rules::node_handshake;
        EXPECT_EQ(one->observation.type, rules::ObservationType::node_handshake);
        EXPECT_EQ(one->image.pid, 42u);
        EXPECT_EQ(text(one->observation, field::network), "libp2p");
        EXPECT_EQ(text(one->observation, field::variant), "noise");
        EXPECT_EQ(text(one->observation, field::role), "initiator");
        EXPECT_EQ(text(one->observation, field::remote_address), "127.0.0.1");
        EXPECT_EQ(one->observation.integer(field::remote_port), 3333);
    }
    EXPECT_EQ(text(sent[0].observation, rules::node_handshake::sent), "true");
    EXPECT_EQ(text(answered[0].observation, rules::node_handshake::sent), "false");
    EXPECT_TRUE(connections.sessions({160 * second}).empty()); // a node's connection is no session
}

TEST(Connections, KeepsAHandshakeOnTheSynUntilTheOwnerIsKnown) {
    TestConnections connections;
    EXPECT_TRUE(payload(connections, 1, 0, libp2p_hello).empty());
    const auto found = connections.on_open(open_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 42u);
}

TEST(Connections, CountsCallsForWorkOverAllConnections) {
    TestConnections connections;
    const std::string call = "POST / HTTP/1.1\r\nContent-Length: 36\r\n\r\n"
                             R"({"method":"getwork","params":[]    })";
    for (std::uint64_t flow = 1; flow <= 3; ++flow) {
        connections.on_open(open_event(flow));
        const auto found = payload(connections, flow, 0, call);
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(text(found[0].observation, message_field::dialect), "getwork");
        EXPECT_EQ(found[0].observation.integer(message_field::work_requests),
                  static_cast<std::int64_t>(flow));
    }
}

TEST(Connections, ReportsTheNarrowestDialectAndTheSubmitsOfASession) {
    TestConnections connections;
    connections.on_open(open_event(1));
    payload(connections, 1, 0,
            R"({"id":1,"method":"mining.subscribe","params":["a/1","EthereumStratum/1.0.0"]})"
            "\n"
            R"({"id":2,"method":"mining.authorize","params":["a","x"]})"
            "\n"
            R"({"id":3,"method":"mining.submit","params":["a","j","0123456789ab"]})"
            "\n");
    const auto sessions = connections.sessions({160 * second});
    ASSERT_EQ(sessions.size(), 1u);
    EXPECT_EQ(text(sessions[0].observation, session_field::dialect), "ethereumstratum-1");
    EXPECT_EQ(sessions[0].observation.integer(session_field::submits), 1);
}

TEST(Connections, ReadsBoundedlyManyConnectionsAtOnce) {
    TestConnections connections;
    connections.on_open(open_event(1));
    payload(connections, 1, 0, login); // a session: read on whatever comes
    constexpr std::uint64_t many = PayloadReading::maximum + 500;
    for (std::uint64_t flow = 2; flow < many + 2; ++flow) {
        connections.on_open(open_event(flow));
        payload(connections, flow, 0, login.substr(0, 50));
    }
    EXPECT_EQ(connections.unread(), many + 1 - PayloadReading::maximum);
    EXPECT_TRUE(payload(connections, 2, 50, login.substr(50)).empty()); // the oldest is not read
    EXPECT_EQ(payload(connections, many + 1, 50, login.substr(50)).size(), 1u);
    EXPECT_EQ(payload(connections, 1, static_cast<std::uint32_t>(login.size()), login).size(), 1u);
}

// Each decoy logs in and then leaves a line open, so that there is always more to read.
TEST(Connections, ReadsANewConnectionInSpiteOfManyLogins) {
    TestConnections connections;
    constexpr std::uint64_t decoys = PayloadReading::maximum + 500;
    for (std::uint64_t flow = 2; flow < decoys + 2; ++flow) {
        connections.on_open(open_event(flow));
        payload(connections, flow, 0, login + login.substr(0, 50));
    }
    EXPECT_EQ(connections.unread(), 500u); // their memory is bounded as well
    connections.on_open(open_event(1));
    payload(connections, 1, 0, login.substr(0, 50));
    EXPECT_EQ(payload(connections, 1, 50, login.substr(50)).size(), 1u);
    EXPECT_EQ(connections.sessions({}).size(), decoys + 1); // what was recognised goes on
}

TEST(Connections, ReadsASkippedConnectionWhenThereIsBudget) {
    TestConnections connections;
    const auto skipped = abi::FLOW_ESTABLISHED | abi::FLOW_PAYLOAD_SKIPPED;
    connections.on_open(open_event(1, skipped));
    connections.on_open(open_event(1, skipped)); // reported twice
    EXPECT_TRUE(payload(connections, 1, 0, login).empty());
    connections.on_open(open_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE));
    const auto found = payload(connections, 1, 0, "the end of something\"}}\n" + login);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 42u);
    connections.on_open(open_event(1)); // reported twice: the session stays
    EXPECT_EQ(connections.sessions({}).size(), 1u);
}

TEST(Connections, KeepsASessionWhenFull) {
    TestConnections connections(10);
    connections.on_open(open_event(1));
    payload(connections, 1, 0, login);
    for (std::uint64_t flow = 2; flow <= 100; ++flow) connections.on_open(open_event(flow));
    EXPECT_EQ(connections.sessions({}).size(), 1u);
    EXPECT_EQ(connections.forgotten(), 90u);
}

TEST(Connections, ReportsTheProgramThatTheOwnerRunsNow) {
    TestConnections connections;
    connections.on_open(open_event(1));
    abi::process_exec_event exec{};
    exec.subject = {second, 2, 42, 0};
    connections.processes.on_exec(exec);
    const auto found = payload(connections, 1, 0, login);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image, (rules::ImageKey{42, second, 2}));
}

TEST(Connections, CountsMessagesOfAnOwnerThatHasEnded) {
    TestConnections connections;
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login);
    connections.ended.insert(43);
    const abi::flow_holder_record record = holder(1, 43);
    EXPECT_TRUE(search(connections, {&record, 1}).empty());
    EXPECT_EQ(connections.owners_gone(), 1u);
    EXPECT_TRUE(connections.sessions({}).empty()); // not counted, because it is said each window
    EXPECT_EQ(connections.owners_gone(), 1u);
}

} // namespace
} // namespace minewarden::agent
