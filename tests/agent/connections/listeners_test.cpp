// SPDX-License-Identifier: Apache-2.0
// The process that listens on a port as the owner of a connection that was accepted there.
#include "tests/agent/connections/connection_events.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace minewarden::agent {
namespace {

using namespace connection_events;

TEST(ConnectionListeners, OwnConnectionsThatEndBeforeASearch) {
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

TEST(ConnectionListeners, AreChosenByTheirAddress) {
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

TEST(ConnectionListeners, OfOtherAddressesAreIgnored) {
    TestConnections connections;
    connections.on_listener(listener_event(52, abi::EVENT_LISTEN_BEGIN, 2));
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    EXPECT_TRUE(connections.on_close(close_event(1)).empty());
    EXPECT_EQ(connections.unattributed(), 1u);
}

TEST(ConnectionListeners, AreRepresentedByTheOldestProcess) {
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

TEST(ConnectionListeners, ThatAreMissingLeaveMessagesWithoutOwner) {
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

TEST(ConnectionListeners, OlderThanTheAgentAreFoundByTheirDescriptor) {
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

/// The listener that becomes the owner of an accepted connection which ends at once.
std::optional<std::uint32_t> listener_of_next(Connections& connections) {
    connections.on_open(unowned_event(1));
    payload(connections, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = connections.on_close(close_event(1));
    return found.empty() ? std::nullopt : std::optional(found[0].image.pid);
}

// The kernel frees a port that it chose itself before it reports the end of the listener.
TEST(ConnectionListeners, AreIdentifiedByTheirSocketWhenTheyEnd) {
    TestConnections connections;
    connections.on_listener(listener_event(50));
    abi::flow_event end = listener_event(77, abi::EVENT_LISTEN_END);
    end.local_port = 0;
    connections.on_listener(end);
    EXPECT_EQ(connections.listeners().size(), 0u);
    EXPECT_FALSE(listener_of_next(connections));
}

TEST(ConnectionListeners, AreKeptWhenAnOlderOneEnds) {
    TestConnections connections;
    connections.on_listener(listener_event(50));
    abi::flow_event next = listener_event(51);
    next.flow_id = 1234;
    connections.on_listener(next);
    connections.on_listener(listener_event(50, abi::EVENT_LISTEN_END));
    EXPECT_EQ(listener_of_next(connections), 51u);
}

TEST(ConnectionListeners, AreForgottenWhenACompleteSearchLacksThem) {
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

TEST(ConnectionListeners, BeyondTheMaximumAreCounted) {
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

} // namespace
} // namespace minewarden::agent
