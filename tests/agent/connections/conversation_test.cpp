// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

#include <algorithm>

/// When a connection is observed as a conversation, and of whom.
namespace minewarden::agent {
namespace {

using namespace connection_events;
namespace field = rules::stratum_conversation;

const std::string job_parameters =
    R"({"blob":")" + std::string(152, '0') + R"(","job_id":"j","target":"b88d0600"})";
const std::string login_reply =
    R"({"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"a","job":)" + job_parameters +
    R"(,"status":"OK"}})" + "\n";
const std::string job = R"({"jsonrpc":"2.0","method":"job","params":)" + job_parameters + "}\n";
const std::string submit =
    R"({"id":7,"jsonrpc":"2.0","method":"submit","params":{"id":"a","job_id":"j","nonce":"0badf00d","result":")" +
    std::string(64, 'a') + R"("}})" + "\n";
const std::string accepted = R"({"id":7,"jsonrpc":"2.0","error":null,"result":{"status":"OK"}})"
                             "\n";
const std::string refused =
    R"({"id":7,"jsonrpc":"2.0","error":{"code":-1,"message":"Low difficulty share"}})"
    "\n";

/// One connection. The test says what each end sends.
class OneConnection : public TestConnections {
  public:
    explicit OneConnection(abi::flow_event event = open_event(1)) { on_open(event); }

    Observations say(std::string_view bytes, abi::flow_direction direction) {
        std::uint32_t& at = offsets_[direction == abi::FLOW_SENT ? 0 : 1];
        auto observations = payload(*this, 1, at, bytes, direction);
        at += static_cast<std::uint32_t>(bytes.size());
        return observations;
    }
    Observations send(std::string_view bytes) { return say(bytes, abi::FLOW_SENT); }
    Observations receive(std::string_view bytes) { return say(bytes, abi::FLOW_RECEIVED); }

  private:
    std::array<std::uint32_t, 2> offsets_{};
};

std::size_t conversations_in(const Observations& observations) {
    return static_cast<std::size_t>(
        std::ranges::count_if(observations, [](const ProcessObservation& each) {
            return each.observation.type == rules::ObservationType::stratum_conversation;
        }));
}

bool session_says_so(OneConnection& connection, std::uint64_t seconds) {
    const auto sessions = connection.sessions({seconds * second});
    return sessions.size() == 1 &&
           text(sessions[0].observation, rules::stratum_session::conversation) == "true";
}

TEST(ConversationOfAConnection, IsOfTheProgramThatSpeaksAndNotOfTheNextOneOfTheProcess) {
    OneConnection connection;
    connection.send(login);
    connection.receive(login_reply);
    abi::process_exec_event exec{};
    exec.subject = {second, 2, 42, 0};
    connection.processes.on_exec(exec);
    EXPECT_TRUE(connection.conversations({110 * second}).empty());
    EXPECT_TRUE(connection.sessions({110 * second}).empty());
    EXPECT_EQ(conversations_in(connection.receive(job)), 0U); // it does not ask for it
    // Now it submits what the program before it has begun.
    connection.send(submit);
    const auto observed = connection.conversations({110 * second});
    ASSERT_EQ(conversations_in(observed), 1U);
    EXPECT_EQ(observed[0].image.image, 2U);
    EXPECT_EQ(connection.sessions({120 * second}).size(), 1U);
}

TEST(ConversationOfAConnection, IsObservedBeforeItsProgramEnds) {
    OneConnection connection;
    connection.send(login);
    connection.receive(login_reply);
    EXPECT_TRUE(connection.conversations_of(42, {101 * second + second / 2}).empty());
    EXPECT_TRUE(connection.conversations_of(41, {103 * second}).empty());
    const auto observed = connection.conversations_of(42, {103 * second});
    ASSERT_EQ(conversations_in(observed), 1U);
    EXPECT_EQ(observed[0].image.pid, 42U);
    EXPECT_TRUE(connection.conversations_of(42, {104 * second}).empty()); // once
}

TEST(ConversationOfAConnection, IsObservedOnceASecondAfterTheFirstJob) {
    OneConnection connection;
    connection.send(login);
    EXPECT_EQ(conversations_in(connection.receive(login_reply)), 0U);
    EXPECT_TRUE(connection.conversations({101 * second + second / 2}).empty());
    EXPECT_FALSE(session_says_so(connection, 101));
    const auto observed = connection.conversations({102 * second});
    ASSERT_EQ(observed.size(), 1U);
    EXPECT_EQ(observed[0].image.pid, 42U);
    EXPECT_EQ(observed[0].observation.entity, 1);
    EXPECT_EQ(text(observed[0].observation, field::dialect), "monero");
    EXPECT_EQ(text(observed[0].observation, field::role), "client");
    EXPECT_EQ(text(observed[0].observation, field::remote_address), "127.0.0.1");
    EXPECT_EQ(observed[0].observation.integer(field::remote_port), 3333);
    EXPECT_EQ(observed[0].observation.integer(field::jobs), 1);
    EXPECT_EQ(observed[0].observation.integer(field::answered), 1);
    EXPECT_EQ(observed[0].observation.integer(field::answered_submits), 0);
    EXPECT_TRUE(connection.conversations({103 * second}).empty());
    EXPECT_TRUE(session_says_so(connection, 103));
}

TEST(ConversationOfAConnection, IsNoneIfTheClientLeavesWithinTheSecond) {
    OneConnection connection;
    connection.send(login);
    connection.receive(login_reply);
    abi::flow_event close = close_event(1);
    close.header.boottime_ns = 101 * second + second / 2;
    EXPECT_EQ(conversations_in(connection.on_close(close)), 0U);
    EXPECT_TRUE(connection.conversations({110 * second}).empty());
}

TEST(ConversationOfAConnection, IsObservedAtItsEndIfTheOwnerIsKnownOnlyThen) {
    OneConnection connection;
    connection.on_listener(listener_event(50));
    connection.on_open(unowned_event(2));
    payload(connection, 2, 0, login, abi::FLOW_RECEIVED);
    payload(connection, 2, 0, login_reply);
    abi::flow_event close = close_event(2);
    close.header.boottime_ns = 110 * second;
    const auto observed = connection.on_close(close);
    EXPECT_EQ(conversations_in(observed), 1U);
    EXPECT_EQ(observed.back().image.pid, 50U);
}

TEST(ConversationOfAConnection, IsObservedAtOnceWhenAShareIsAnswered) {
    for (const std::string& answer : {accepted, refused}) {
        OneConnection connection(open_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE));
        EXPECT_EQ(conversations_in(connection.send(submit)), 0U);
        EXPECT_FALSE(session_says_so(connection, 300));
        const auto observed = connection.receive(answer);
        ASSERT_EQ(observed.size(), 1U) << "the answer itself is no message of a pool";
        EXPECT_EQ(observed[0].observation.integer(field::answered_submits), 1);
    }
}

TEST(ConversationOfAConnection, IsNoneOfWordsInOneDirection) {
    OneConnection connection;
    connection.receive(job + accepted + login_reply + job);
    EXPECT_TRUE(connection.conversations({300 * second}).empty());
    EXPECT_FALSE(session_says_so(connection, 300));
    OneConnection other;
    other.send(login + submit + submit);
    EXPECT_TRUE(other.conversations({300 * second}).empty());
    EXPECT_FALSE(session_says_so(other, 300));
}

TEST(ConversationOfAConnection, IsNoneOfOrdinaryJsonRpc) {
    OneConnection connection;
    EXPECT_TRUE(connection
                    .send(R"({"id":1,"method":"login","params":{"user":"a"}})"
                          "\n")
                    .empty());
    EXPECT_TRUE(connection
                    .receive(R"({"id":1,"result":true})"
                             "\n")
                    .empty());
    EXPECT_TRUE(connection.conversations({300 * second}).empty());
    EXPECT_TRUE(connection.sessions({300 * second}).empty());
}

TEST(ConversationOfAConnection, IsThePoolsOnceItsOwnerIsKnown) {
    OneConnection connection(unowned_event(1));
    connection.receive(login);
    connection.send(login_reply);
    EXPECT_TRUE(connection.conversations({200 * second}).empty());
    const abi::flow_holder_record record = holder(1, 50);
    search(connection, {&record, 1});
    const auto observed = connection.conversations({201 * second});
    ASSERT_EQ(observed.size(), 1U);
    EXPECT_EQ(observed[0].image.pid, 50U);
    EXPECT_EQ(text(observed[0].observation, field::role), "server");
}

TEST(ConversationOfAConnection, IsTheChildsIfItsParentEndsBeforeItBecomesOne) {
    OneConnection connection;
    connection.send(login);
    connection.receive(login_reply);
    connection.fork(42, 43, 5 * second);
    connection.ended.insert(42);
    EXPECT_TRUE(connection.conversations({102 * second}).empty());
    EXPECT_TRUE(connection.awaits_owner());
    const abi::flow_holder_record record = holder(1, 43, 5 * second);
    search(connection, {&record, 1});
    const auto observed = connection.conversations({103 * second});
    ASSERT_EQ(observed.size(), 1U);
    EXPECT_EQ(observed[0].image.pid, 43U);
    EXPECT_TRUE(session_says_so(connection, 103));
}

TEST(ConversationOfAConnection, IsNotTheStrangersWhoIsHandedIt) {
    OneConnection connection;
    connection.send(login);
    connection.receive(login_reply);
    connection.ended.insert(42);
    connection.disown_ended();
    const abi::flow_holder_record record = holder(1, 30);
    search(connection, {&record, 1});
    EXPECT_TRUE(connection.conversations({300 * second}).empty());
    EXPECT_FALSE(session_says_so(connection, 300));
    connection.send(submit);
    const auto observed = connection.receive(accepted);
    ASSERT_EQ(observed.size(), 1U) << "but what it says itself is";
    EXPECT_EQ(observed[0].image.pid, 30U);
}

TEST(ConversationOfAConnection, IsNoneOfATranscript) {
    OneConnection connection;
    connection.send(login + login_reply + submit + accepted);
    EXPECT_TRUE(connection.conversations({300 * second}).empty());
}

TEST(WorkOfANode, IsCountedWithItsAnswersOverConnections) {
    namespace message_field = rules::stratum_message;
    const auto http = [](const std::string& head, const std::string& body) {
        return head + "\r\nContent-Type: application/json\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    };
    const std::string post = "POST / HTTP/1.1\r\nHost: a";
    const std::string ask = http(post, R"({"method":"getwork","params":[],"id":0})");
    const std::string work = http(
        "HTTP/1.1 200 OK", R"({"result":{"data":")" + std::string(256, '0') + R"(","target":")" +
                               std::string(64, 'f') + R"("},"error":null,"id":0})");
    const std::string found =
        http(post, R"({"method":"getwork","params":[")" + std::string(256, '0') + R"("],"id":0})");
    TestConnections connections;
    for (const std::uint64_t flow : {1, 2, 3}) {
        connections.on_open(open_event(flow));
        const auto asked = payload(connections, flow, 0, ask);
        ASSERT_EQ(asked.size(), 1U);
        EXPECT_EQ(asked[0].observation.integer(message_field::work_requests),
                  static_cast<std::int64_t>(flow));
        const auto answered = payload(connections, flow, 0, work, abi::FLOW_RECEIVED);
        ASSERT_EQ(answered.size(), 1U);
        EXPECT_EQ(answered[0].observation.integer(message_field::work_answers),
                  static_cast<std::int64_t>(flow));
    }
    connections.on_open(open_event(4));
    const auto unasked = payload(connections, 4, 0, work, abi::FLOW_RECEIVED);
    ASSERT_EQ(unasked.size(), 1U);
    EXPECT_EQ(unasked[0].observation.integer(message_field::work_answers), 3);
    const auto submitted = payload(connections, 4, 0, found);
    ASSERT_EQ(submitted.size(), 1U);
    EXPECT_EQ(submitted[0].observation.integer(message_field::work_answers), 3);
}

} // namespace
} // namespace minewarden::agent
