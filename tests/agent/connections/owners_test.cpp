// SPDX-License-Identifier: Apache-2.0
// The owner of a connection that was accepted, is older than the agent, or whose owner has ended.
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace minewarden::agent {
namespace {

using namespace connection_events;
namespace message_field = rules::stratum_message;

TEST(ConnectionOwners, HoldMessagesUntilTheHolderIsKnown) {
    TestConnections connections;
    connections.on_open(unowned_event(1));
    EXPECT_TRUE(connections.has_unowned());
    EXPECT_FALSE(connections.awaits_owner()); // nothing was recognised yet
    EXPECT_TRUE(payload(connections, 1, 0, login, abi::FLOW_RECEIVED).empty());
    EXPECT_TRUE(connections.awaits_owner());
    EXPECT_TRUE(connections.sessions({}).empty() || connections.sessions({})[0].image.pid != 0);
    const std::array holders{holder(2, 40), holder(1, 42)};
    const auto found = search(connections, holders);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 42u);
    EXPECT_EQ(text(found[0].observation, message_field::role), "server");
    EXPECT_EQ(found[0].observation.time.ns, 101 * second); // when it was seen
    EXPECT_FALSE(connections.awaits_owner());
    EXPECT_FALSE(connections.has_unowned());
    ASSERT_EQ(connections.sessions({}).size(), 1u);
    EXPECT_EQ(connections.sessions({})[0].image.pid, 42u);
}

TEST(ConnectionOwners, PreferTheOldestHolderAndInitLast) {
    TestConnections connections;
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login);
    connections.fork(43, 44, 9 * second, 5 * second);
    const std::array holders{holder(1, 1, 1), holder(1, 44, 9 * second), holder(1, 43, 5 * second)};
    const auto found = search(connections, holders);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 43u);
}

TEST(ConnectionOwners, GiveUpASearchWithoutResult) {
    TestConnections connections;
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    for (int i = 0; i < 10 && connections.awaits_owner(); ++i) search(connections);
    EXPECT_FALSE(connections.awaits_owner());
    EXPECT_EQ(connections.unattributed(), 1u);
    EXPECT_TRUE(payload(connections, 1, static_cast<std::uint32_t>(login.size()), login).empty());
    EXPECT_FALSE(connections.awaits_owner());
}

TEST(ConnectionOwners, ReadAnOlderConnectionFromTheMiddle) {
    TestConnections connections;
    connections.on_open(unowned_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE));
    const std::string tail = R"(ce":"00ff","result":"cd"}})";
    payload(connections, 1, 0, tail + "\n" + login);
    const abi::flow_holder_record record = holder(1, 42);
    EXPECT_EQ(search(connections, {&record, 1}).size(), 1u);
}

TEST(ConnectionOwners, TakeTheHolderWhenTheOwnerHasEnded) {
    TestConnections connections;
    connections.on_open(open_event(1));
    connections.fork(42, 43);
    connections.ended.insert(42);
    EXPECT_TRUE(payload(connections, 1, 0, login).empty());
    EXPECT_TRUE(connections.awaits_owner());
    EXPECT_TRUE(connections.has_unowned());
    const abi::flow_holder_record record = holder(1, 43);
    const auto found = search(connections, {&record, 1});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 43u);
    EXPECT_FALSE(connections.has_unowned());
    EXPECT_EQ(connections.sessions({200 * second}).front().image.pid, 43u);
}

TEST(ConnectionOwners, NameNoProcessWhenTheOwnerEndedAndNoneHoldsIt) {
    TestConnections connections;
    connections.on_open(open_event(1));
    connections.ended.insert(42);
    payload(connections, 1, 0, login);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(search(connections).empty());
    EXPECT_FALSE(connections.awaits_owner());
    EXPECT_EQ(connections.unattributed(), 1u);
    connections.on_close(close_event(1));
    EXPECT_FALSE(connections.has_unowned());
}

TEST(ConnectionOwners, MoveASessionToItsHolderWithTheNextMessage) {
    TestConnections connections;
    connections.on_open(open_event(1));
    EXPECT_EQ(payload(connections, 1, 0, login).size(), 1u);
    connections.fork(42, 43);
    connections.ended.insert(42);
    EXPECT_TRUE(payload(connections, 1, static_cast<std::uint32_t>(login.size()), login).empty());
    EXPECT_TRUE(connections.sessions({150 * second}).empty()); // no process is known to have it
    const abi::flow_holder_record record = holder(1, 43);
    EXPECT_EQ(search(connections, {&record, 1}).size(), 1u);
    EXPECT_EQ(connections.sessions({200 * second}).front().image.pid, 43u);
}

TEST(ConnectionOwners, MoveASilentSessionToItsHolder) {
    TestConnections connections;
    connections.on_open(open_event(1));
    payload(connections, 1, 0, login);
    connections.on_open(open_event(2)); // does not matter
    connections.disown_ended();
    EXPECT_FALSE(connections.awaits_owner());
    EXPECT_EQ(connections.sessions({200 * second}).size(), 1u);
    connections.fork(42, 43);
    connections.ended.insert(42);
    connections.disown_ended();
    EXPECT_TRUE(connections.awaits_owner());
    EXPECT_TRUE(connections.sessions({200 * second}).empty());
    const std::array records{holder(1, 43), holder(2, 43)};
    search(connections, records);
    EXPECT_EQ(connections.sessions({200 * second}).front().image.pid, 43u);
    EXPECT_FALSE(connections.has_unowned());
}

TEST(ConnectionOwners, CountAnOpeningReportedTwiceOnce) {
    TestConnections connections;
    connections.on_open(unowned_event(1));
    connections.on_open(unowned_event(1));
    connections.on_close(close_event(1));
    EXPECT_FALSE(connections.has_unowned());
}

TEST(ConnectionOwners, StayBoundedUnderManyUnownedConnections) {
    TestConnections connections(10);
    for (std::uint64_t flow = 1; flow <= 100; ++flow) {
        connections.on_open(unowned_event(flow));
        for (std::uint32_t i = 0; i < 100; ++i)
            payload(connections, flow, i * static_cast<std::uint32_t>(login.size()), login);
    }
    EXPECT_EQ(connections.size(), 10u);
    EXPECT_EQ(connections.forgotten(), 90u);
    EXPECT_GT(connections.unattributed(), 0u);
    for (int i = 0; i < 10; ++i) search(connections);
    EXPECT_FALSE(connections.awaits_owner());
}

/// Process 42 opened connection 1, sent a login, forked process 43 at 5 s, and has ended. The login
/// was read before (`read`) or after that.
class LeftBehind : public TestConnections {
  public:
    explicit LeftBehind(bool read = true) : TestConnections(10) {
        on_open(open_event(1));
        if (!read) ended.insert(42);
        payload(*this, 1, 0, login);
        fork(42, 43, 5 * second);
        ended.insert(42);
        disown_ended();
    }
};

// Any process can pass a descriptor to one that accepts it (a message bus).
TEST(ConnectionOwners, DoNotBlameAStrangerForWhatWasSaidBefore) {
    for (const bool read : {true, false}) {
        LeftBehind connections(read);
        const abi::flow_holder_record record = holder(1, 30);
        EXPECT_TRUE(search(connections, {&record, 1}).empty());
        EXPECT_EQ(connections.unattributed(), read ? 0u : 1u);
        for (const ProcessObservation& session : connections.sessions({300 * second}))
            EXPECT_EQ(session.observation.integer(rules::stratum_session::client_messages), 0);
        // It is the owner of what is said from now on.
        const auto said = payload(connections, 1, static_cast<std::uint32_t>(login.size()), login);
        ASSERT_EQ(said.size(), 1u);
        EXPECT_EQ(said[0].image.pid, 30u);
    }
}

TEST(ConnectionOwners, PreferADescendantToAStranger) {
    LeftBehind connections;
    const std::array records{holder(1, 30), holder(1, 43, 5 * second)};
    search(connections, records);
    const auto sessions = connections.sessions({300 * second});
    ASSERT_EQ(sessions.size(), 1u);
    EXPECT_EQ(sessions[0].image.pid, 43u);
    EXPECT_EQ(sessions[0].observation.integer(rules::stratum_session::client_messages), 1);
}

TEST(ConnectionOwners, NameNoProcessWhileStrangersHoldTheConnection) {
    LeftBehind connections;
    const std::array records{holder(1, 30), holder(1, 44, 5 * second)};
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(search(connections, records).empty());
    EXPECT_TRUE(connections.sessions({300 * second}).empty());
    EXPECT_FALSE(connections.awaits_owner()); // for now
    EXPECT_GT(connections.unattributed(), 0u);
    payload(connections, 1, static_cast<std::uint32_t>(login.size()), login);
    EXPECT_TRUE(connections.awaits_owner());
    const auto found = search(connections, {&records[1], 1}); // the other one has closed it
    ASSERT_EQ(connections.sessions({300 * second}).size(), 1u);
    EXPECT_EQ(connections.sessions({300 * second})[0].image.pid, 44u);
}

TEST(ConnectionOwners, SearchAgainForASilentDisputedSession) {
    LeftBehind connections;
    const std::array records{holder(1, 30), holder(1, 44, 5 * second)};
    for (int i = 0; i < 10; ++i) search(connections, records);
    connections.disown_ended();
    EXPECT_TRUE(connections.awaits_owner());
}

} // namespace
} // namespace minewarden::agent
