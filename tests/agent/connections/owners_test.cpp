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

TEST(ConnectionOwners, TakeTheListenerIfTheConnectionEndsBeforeASearch) {
    TestConnections connections;
    connections.on_listener(listener_event(50));
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = connections.on_close(close_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 50u);
    EXPECT_FALSE(connections.awaits_owner());
    EXPECT_EQ(connections.unattributed(), 0u);
    EXPECT_EQ(connections.size(), 0u);
}

TEST(ConnectionOwners, PreferTheListenerOfTheAddress) {
    for (const bool specific_ends : {false, true}) {
        TestConnections connections;
        connections.on_listener(listener_event(50)); // on all addresses
        connections.on_listener(listener_event(51, abi::EVENT_LISTEN_BEGIN, 1));
        connections.on_listener(listener_event(52, abi::EVENT_LISTEN_BEGIN, 2));
        connections.on_listener(listener_event(52, abi::EVENT_LISTEN_END, 2));
        if (specific_ends) connections.on_listener(listener_event(51, abi::EVENT_LISTEN_END, 1));
        connections.on_open(unowned_event(1));
        payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
        const auto found = connections.on_close(close_event(1));
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found[0].image.pid, specific_ends ? 50u : 51u);
    }
}

TEST(ConnectionOwners, IgnoreAListenerOfAnotherAddress) {
    TestConnections connections;
    connections.on_listener(listener_event(52, abi::EVENT_LISTEN_BEGIN, 2));
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    EXPECT_TRUE(connections.on_close(close_event(1)).empty());
    EXPECT_EQ(connections.unattributed(), 1u);
}

TEST(ConnectionOwners, PreferTheOldestProcessThatListens) {
    TestConnections connections;
    std::array records{holder(0, 61, 9 * second), holder(0, 60, 2 * second),
                       holder(0, 62, 9 * second)};
    for (abi::flow_holder_record& record : records) record.is_listener = 1; // on ::
    search(connections, records);
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = connections.on_close(close_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 60u);
}

TEST(ConnectionOwners, CountMessagesOfAConnectionWithoutListener) {
    TestConnections connections;
    connections.on_listener(listener_event(50));
    connections.on_listener(listener_event(50, abi::EVENT_LISTEN_END));
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    EXPECT_TRUE(connections.on_close(close_event(1)).empty());
    EXPECT_EQ(connections.unattributed(), 1u);
    EXPECT_FALSE(connections.awaits_owner());
    EXPECT_FALSE(connections.has_unowned());
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

TEST(ConnectionOwners, FindAListenerOlderThanTheAgentByItsDescriptor) {
    TestConnections connections;
    abi::flow_holder_record record = holder(0, 60);
    record.is_listener = 1;
    search(connections, {&record, 1});
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = connections.on_close(close_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].image.pid, 60u);
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
        for (const SubjectObservation& session : connections.sessions({300 * second}))
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

/// The listener that becomes the owner of an accepted connection which ends at once.
std::optional<std::uint32_t> listener_of_next(Connections& connections) {
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = connections.on_close(close_event(1));
    return found.empty() ? std::nullopt : std::optional(found[0].image.pid);
}

// The kernel frees a port that it chose itself before it reports the end of the listener.
TEST(ConnectionOwners, IdentifyAnEndedListenerByItsSocket) {
    TestConnections connections;
    connections.on_listener(listener_event(50));
    abi::flow_event end = listener_event(77, abi::EVENT_LISTEN_END);
    end.local_port = 0;
    connections.on_listener(end);
    EXPECT_EQ(connections.listeners().size(), 0u);
    EXPECT_FALSE(listener_of_next(connections));
}

TEST(ConnectionOwners, KeepANewerListenerWhenAnOlderEnds) {
    TestConnections connections;
    connections.on_listener(listener_event(50));
    abi::flow_event next = listener_event(51);
    next.flow_id = 1234;
    connections.on_listener(next);
    connections.on_listener(listener_event(50, abi::EVENT_LISTEN_END));
    EXPECT_EQ(listener_of_next(connections), 51u);
}

TEST(ConnectionOwners, ForgetListenersThatACompleteSearchLacks) {
    for (const bool complete : {false, true}) {
        TestConnections connections;
        connections.on_listener(listener_event(50));
        search(connections, {}, complete);
        EXPECT_EQ(listener_of_next(connections).has_value(), !complete);
    }
    TestConnections connections;
    abi::flow_event later = listener_event(50);
    later.header.boottime_ns = 201 * second; // since the search began
    connections.on_listener(later);
    search(connections, {}, true);
    EXPECT_EQ(listener_of_next(connections), 50u);
}

TEST(ConnectionOwners, CountListenersBeyondTheMaximum) {
    TestConnections connections;
    abi::flow_event event = listener_event(50);
    for (std::uint32_t i = 0; i <= Listeners::maximum; ++i) {
        event.flow_id = 1000 + i;
        event.network_namespace = i;
        connections.on_listener(event);
    }
    EXPECT_EQ(connections.listeners().size(), Listeners::maximum);
    EXPECT_EQ(connections.listeners().forgotten(), 1u);
}

TEST(HolderSearch, StoresEachHolderOnce) {
    HolderSearch search;
    for (std::uint32_t i = 0; i < 100'000; ++i)
        search.add(7, holder(7, 100 + i % 50, (1 + i % 50) * second).holder);
    ASSERT_EQ(search.found().size(), 1u);
    const auto& holders = search.found().at(7);
    ASSERT_EQ(holders.size(), HolderSearch::most_holders);
    for (std::size_t i = 0; i < holders.size(); ++i) EXPECT_EQ(holders[i].pid, 100u + i);
}

} // namespace
} // namespace minewarden::agent
