// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/flows/flow_events.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using namespace flow_events;
using rules::Observation;
namespace message_field = rules::stratum_message;
namespace session_field = rules::stratum_session;

TEST(FlowTable, RecognisesALoginAndNamesItsOwnerAndPeer) {
    FlowTable flows;
    EXPECT_TRUE(flows.on_open(open_event(1)).empty());
    const auto found = payload(flows, 1, 0, login);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 42u);
    const Observation& observation = found[0].observation;
    EXPECT_EQ(text(observation, message_field::message), "login");
    EXPECT_EQ(text(observation, message_field::role), "client");
    EXPECT_EQ(text(observation, message_field::sent), "true");
    EXPECT_EQ(text(observation, message_field::remote_address), "127.0.0.1");
    EXPECT_EQ(observation.integer(message_field::remote_port), 3333);
    EXPECT_EQ(observation.entity, 1);
}

TEST(FlowTable, PiecesMayComeInAnyOrderAndTwice) {
    FlowTable flows;
    flows.on_open(open_event(1));
    EXPECT_TRUE(payload(flows, 1, 30, login.substr(30)).empty());
    EXPECT_TRUE(payload(flows, 1, 30, login.substr(30)).empty());
    EXPECT_EQ(payload(flows, 1, 0, login.substr(0, 40)).size(), 1u);
    EXPECT_TRUE(payload(flows, 1, 0, login).empty());
}

TEST(FlowTable, PayloadOnTheSynWaitsForTheOwner) {
    FlowTable flows;
    EXPECT_TRUE(payload(flows, 1, 0, login).empty());
    const auto found = flows.on_open(open_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 42u);
}

TEST(FlowTable, AProcessThatReceivesALoginIsTheServer) {
    FlowTable flows;
    flows.on_open(open_event(1));
    const auto found = payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(text(found[0].observation, message_field::role), "server");
}

TEST(FlowTable, SessionsAreReportedWhileTheyStayOpen) {
    FlowTable flows;
    flows.on_open(open_event(1));
    flows.on_open(open_event(2)); // not Stratum
    payload(flows, 1, 0, "{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": []}\n");
    payload(flows, 1, 0, subscribed, abi::FLOW_RECEIVED);
    payload(flows, 2, 0, "GET / HTTP/1.1\r\n");
    const auto sessions = flows.sessions({160 * second});
    ASSERT_EQ(sessions.size(), 1u);
    const Observation& session = sessions[0].observation;
    EXPECT_EQ(text(session, session_field::dialect), "bitcoin");
    EXPECT_EQ(session.integer(session_field::age_s), 60);
    EXPECT_EQ(session.integer(session_field::client_messages), 1);
    EXPECT_EQ(session.integer(session_field::server_messages), 1);
    flows.on_close(open_event(1));
    EXPECT_TRUE(flows.sessions({170 * second}).empty());
    EXPECT_EQ(flows.size(), 1u);
}

TEST(FlowTable, AConnectionWhoseCaptureWasSkippedIsNotExamined) {
    FlowTable flows;
    flows.on_open(open_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_PAYLOAD_SKIPPED));
    EXPECT_TRUE(payload(flows, 1, 0, login).empty());
}

TEST(FlowTable, PayloadThatIsNoJsonEndsTheSearch) {
    FlowTable flows;
    flows.on_open(open_event(1));
    EXPECT_TRUE(payload(flows, 1, 0, "SSH-2.0-OpenSSH_9.2\r\n", abi::FLOW_RECEIVED).empty());
    EXPECT_TRUE(payload(flows, 1, 0, login).empty());
}

TEST(FlowTable, ForgetsTheOldestAndCountsThem) {
    FlowTable flows(3);
    for (std::uint64_t flow = 1; flow <= 5; ++flow) flows.on_open(open_event(flow));
    EXPECT_EQ(flows.size(), 3u);
    EXPECT_EQ(flows.forgotten(), 2u);
    flows.on_close(open_event(1)); // long forgotten
    EXPECT_EQ(flows.size(), 3u);
}

TEST(FlowTable, HostilePayloadIsBounded) {
    FlowTable flows;
    flows.on_open(open_event(1));
    std::string nested;
    for (int i = 0; i < 4000; ++i) nested += "{\"a\":";
    EXPECT_TRUE(payload(flows, 1, 0, nested.substr(0, 4096)).empty());
    flows.on_open(open_event(2));
    EXPECT_TRUE(payload(flows, 2, 0, std::string(4096, '\0')).empty());
    EXPECT_TRUE(payload(flows, 2, 0xffffffff, "x").empty());
    EXPECT_TRUE(payload(flows, 2, 4090, std::string(4096, '{')).empty());
}

const std::string libp2p_hello = "\x13/multistream/1.0.0\n\x07/noise\n";

TEST(FlowTable, NodeHandshakesNameBothRoles) {
    FlowTable flows;
    flows.on_open(open_event(1));
    const auto sent = payload(flows, 1, 0, libp2p_hello);
    const auto answered = payload(flows, 1, 0, libp2p_hello, abi::FLOW_RECEIVED);
    ASSERT_EQ(sent.size(), 1u);
    ASSERT_EQ(answered.size(), 1u);
    for (const auto* one : {&sent[0], &answered[0]}) {
        namespace field = rules::node_handshake;
        EXPECT_EQ(one->observation.type, rules::ObservationType::node_handshake);
        EXPECT_EQ(one->owner.pid, 42u);
        EXPECT_EQ(text(one->observation, field::network), "libp2p");
        EXPECT_EQ(text(one->observation, field::variant), "noise");
        EXPECT_EQ(text(one->observation, field::role), "initiator");
        EXPECT_EQ(text(one->observation, field::remote_address), "127.0.0.1");
        EXPECT_EQ(one->observation.integer(field::remote_port), 3333);
    }
    EXPECT_EQ(text(sent[0].observation, rules::node_handshake::sent), "true");
    EXPECT_EQ(text(answered[0].observation, rules::node_handshake::sent), "false");
    EXPECT_TRUE(flows.sessions({160 * second}).empty()); // a node's connection is no session
}

TEST(FlowTable, AHandshakeOnTheSynWaitsForTheOwner) {
    FlowTable flows;
    EXPECT_TRUE(payload(flows, 1, 0, libp2p_hello).empty());
    const auto found = flows.on_open(open_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 42u);
}

TEST(FlowTable, CallsForWorkAreCountedOverConnections) {
    FlowTable flows;
    const std::string call = "POST / HTTP/1.1\r\nContent-Length: 36\r\n\r\n"
                             R"({"method":"getwork","params":[]    })";
    for (std::uint64_t flow = 1; flow <= 3; ++flow) {
        flows.on_open(open_event(flow));
        const auto found = payload(flows, flow, 0, call);
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(text(found[0].observation, message_field::dialect), "getwork");
        EXPECT_EQ(found[0].observation.integer(message_field::work_requests),
                  static_cast<std::int64_t>(flow));
    }
}

TEST(FlowTable, ASessionTellsItsNarrowestDialectAndItsSubmits) {
    FlowTable flows;
    flows.on_open(open_event(1));
    payload(flows, 1, 0,
            R"({"id":1,"method":"mining.subscribe","params":["a/1","EthereumStratum/1.0.0"]})"
            "\n"
            R"({"id":2,"method":"mining.authorize","params":["a","x"]})"
            "\n"
            R"({"id":3,"method":"mining.submit","params":["a","j","0123456789ab"]})"
            "\n");
    const auto sessions = flows.sessions({160 * second});
    ASSERT_EQ(sessions.size(), 1u);
    EXPECT_EQ(text(sessions[0].observation, session_field::dialect), "ethereumstratum-1");
    EXPECT_EQ(sessions[0].observation.integer(session_field::submits), 1);
}

TEST(WorkRequests, BeginAnewAfterAPauseAndForgetTheOldest) {
    WorkRequests requests(2);
    const abi::subject_id first{second, 1, 42, 0};
    const abi::subject_id other{second, 1, 43, 0};
    const abi::subject_id third{second, 1, 44, 0};
    const IpAddress node = *parse_ip_address("127.0.0.1");
    EXPECT_EQ(requests.count(first, node, {second}), 1);
    EXPECT_EQ(requests.count(first, node, {2 * second}), 2);
    EXPECT_EQ(requests.count(other, node, {2 * second}), 1);
    EXPECT_EQ(requests.count(first, *parse_ip_address("127.0.0.2"), {2 * second}), 1);
    EXPECT_EQ(requests.count(third, node, {3 * second}), 1);
    EXPECT_EQ(requests.size(), 2u);
    EXPECT_EQ(requests.count(third, node, {603 * second}), 2);
    EXPECT_EQ(requests.count(third, node, {1204 * second}), 1);
}

TEST(FlowTable, HalfMessagesOfManyConnectionsDoNotTakeTheMemory) {
    FlowTable flows;
    flows.on_open(open_event(1));
    payload(flows, 1, 0, login); // a session: read on whatever comes
    constexpr std::uint64_t many = FlowTable::maximum_assemblies + 500;
    for (std::uint64_t flow = 2; flow < many + 2; ++flow) {
        flows.on_open(open_event(flow));
        payload(flows, flow, 0, login.substr(0, 50));
    }
    EXPECT_EQ(flows.unread(), many + 1 - FlowTable::maximum_assemblies);
    EXPECT_TRUE(payload(flows, 2, 50, login.substr(50)).empty()); // the oldest is not read
    EXPECT_EQ(payload(flows, many + 1, 50, login.substr(50)).size(), 1u);
    EXPECT_EQ(payload(flows, 1, static_cast<std::uint32_t>(login.size()), login).size(), 1u);
}

// Each decoy logs in and then leaves a line open, so that there is always more to read.
TEST(FlowTable, ManyLoginsKeepNobodyFromBeingRead) {
    FlowTable flows;
    constexpr std::uint64_t decoys = FlowTable::maximum_assemblies + 500;
    for (std::uint64_t flow = 2; flow < decoys + 2; ++flow) {
        flows.on_open(open_event(flow));
        payload(flows, flow, 0, login + login.substr(0, 50));
    }
    EXPECT_EQ(flows.unread(), 500u); // their memory is bounded as well
    flows.on_open(open_event(1));
    payload(flows, 1, 0, login.substr(0, 50));
    EXPECT_EQ(payload(flows, 1, 50, login.substr(50)).size(), 1u);
    EXPECT_EQ(flows.sessions({}).size(), decoys + 1); // what was recognised goes on
}

TEST(FlowTable, AConnectionThatWasSkippedIsReadWhenThereIsBudget) {
    FlowTable flows;
    const auto skipped = abi::FLOW_ESTABLISHED | abi::FLOW_PAYLOAD_SKIPPED;
    flows.on_open(open_event(1, skipped));
    flows.on_open(open_event(1, skipped)); // told twice
    EXPECT_TRUE(payload(flows, 1, 0, login).empty());
    flows.on_open(open_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE));
    const auto found = payload(flows, 1, 0, "the end of something\"}}\n" + login);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 42u);
    flows.on_open(open_event(1)); // told twice: what was read stays
    EXPECT_EQ(flows.sessions({}).size(), 1u);
}

TEST(FlowTable, AFullTableKeepsTheSessionAndDropsWhatSaysNothing) {
    FlowTable flows(10);
    flows.on_open(open_event(1));
    payload(flows, 1, 0, login);
    for (std::uint64_t flow = 2; flow <= 100; ++flow) flows.on_open(open_event(flow));
    EXPECT_EQ(flows.sessions({}).size(), 1u);
    EXPECT_EQ(flows.forgotten(), 90u);
}

} // namespace
} // namespace minewarden::agent
