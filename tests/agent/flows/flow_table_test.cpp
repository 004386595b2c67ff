// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/flow_table.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using rules::Observation;
namespace message_field = rules::stratum_message;
namespace session_field = rules::stratum_session;

constexpr std::uint64_t second = 1'000'000'000;
const std::string login =
    R"({"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"wallet","pass":"x","agent":"a/1"}})"
    "\n";
const std::string subscribed =
    R"({"id":1,"result":[[["mining.notify","1"]],"abcd",4],"error":null})"
    "\n";

abi::flow_event open_event(std::uint64_t flow, std::uint32_t flags = abi::FLOW_ESTABLISHED) {
    abi::flow_event event{};
    event.header = {abi::EVENT_FLOW_OPEN, sizeof(event), 100 * second};
    event.owner = {second, 1, 42, 0};
    event.flow_id = flow;
    event.remote_address[10] = event.remote_address[11] = 0xff;
    event.remote_address[12] = 127;
    event.remote_address[15] = 1;
    event.remote_port = 3333;
    event.flags = flags;
    return event;
}

std::vector<FlowObservation> payload(FlowTable& flows, std::uint64_t flow, std::uint32_t offset,
                                     std::string_view bytes,
                                     abi::flow_direction direction = abi::FLOW_SENT) {
    abi::flow_payload_event event{};
    event.header = {abi::EVENT_FLOW_PAYLOAD, sizeof(event), 101 * second};
    event.flow_id = flow;
    event.offset = offset;
    event.length = static_cast<std::uint16_t>(bytes.size());
    event.direction = direction;
    return flows.on_payload(event, as_bytes(bytes));
}

std::string text(const Observation& observation, std::size_t field) {
    return rules::to_display(observation.values[field]);
}

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
    EXPECT_TRUE(payload(flows, 1, 0, "HTTP/1.1 200 OK\r\n\r\n", abi::FLOW_RECEIVED).empty());
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

} // namespace
} // namespace minewarden::agent
