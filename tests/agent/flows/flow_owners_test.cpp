// SPDX-License-Identifier: Apache-2.0
// Whose a connection is that was accepted, is older than the agent, or whose owner has ended.
#include "tests/agent/flows/flow_events.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>

namespace minewarden::agent {
namespace {

using namespace flow_events;
namespace message_field = rules::stratum_message;

TEST(FlowOwners, WhatAnUnownedConnectionSaysWaitsForItsHolder) {
    FlowTable flows;
    flows.on_open(unowned_event(1));
    EXPECT_TRUE(flows.has_unowned());
    EXPECT_FALSE(flows.awaits_owner()); // nothing was recognised yet
    EXPECT_TRUE(payload(flows, 1, 0, login, abi::FLOW_RECEIVED).empty());
    EXPECT_TRUE(flows.awaits_owner());
    EXPECT_TRUE(flows.sessions({}).empty() || flows.sessions({})[0].owner.pid != 0);
    const std::array holders{holder(2, 40), holder(1, 42)};
    const auto found = held(flows, holders);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 42u);
    EXPECT_EQ(text(found[0].observation, message_field::role), "server");
    EXPECT_EQ(found[0].observation.time.ns, 101 * second); // when it was seen
    EXPECT_FALSE(flows.awaits_owner());
    EXPECT_FALSE(flows.has_unowned());
    ASSERT_EQ(flows.sessions({}).size(), 1u);
    EXPECT_EQ(flows.sessions({})[0].owner.pid, 42u);
}

TEST(FlowOwners, OfSeveralHoldersTheOldestIsTheOwnerAndInitComesLast) {
    FlowTable flows;
    flows.on_open(unowned_event(1));
    payload(flows, 1, 0, login);
    const std::array holders{holder(1, 1, 1), holder(1, 44, 9 * second), holder(1, 43, 5 * second)};
    const auto found = held(flows, holders);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 43u);
}

TEST(FlowOwners, AConnectionThatEndsBeforeAnybodyLookedBelongsToTheListener) {
    FlowTable flows;
    flows.on_listener(listener_event(50));
    flows.on_open(unowned_event(1));
    payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = flows.on_close(close_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 50u);
    EXPECT_FALSE(flows.awaits_owner());
    EXPECT_EQ(flows.unattributed(), 0u);
    EXPECT_EQ(flows.size(), 0u);
}

TEST(FlowOwners, OfListenersOnOnePortTheOneOfItsAddress) {
    for (const bool specific_ends : {false, true}) {
        FlowTable flows;
        flows.on_listener(listener_event(50)); // on all addresses
        flows.on_listener(listener_event(51, abi::EVENT_LISTEN_BEGIN, 1));
        flows.on_listener(listener_event(52, abi::EVENT_LISTEN_BEGIN, 2));
        flows.on_listener(listener_event(52, abi::EVENT_LISTEN_END, 2));
        if (specific_ends) flows.on_listener(listener_event(51, abi::EVENT_LISTEN_END, 1));
        flows.on_open(unowned_event(1));
        payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
        const auto found = flows.on_close(close_event(1));
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found[0].owner.pid, specific_ends ? 50u : 51u);
    }
}

TEST(FlowOwners, AListenerOfAnotherAddressIsNotBlamed) {
    FlowTable flows;
    flows.on_listener(listener_event(52, abi::EVENT_LISTEN_BEGIN, 2));
    flows.on_open(unowned_event(1));
    payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
    EXPECT_TRUE(flows.on_close(close_event(1)).empty());
    EXPECT_EQ(flows.unattributed(), 1u);
}

TEST(FlowOwners, OfAListenerThatWorkersInheritedTheOldestIsTheOwner) {
    FlowTable flows;
    std::array records{holder(0, 61, 9 * second), holder(0, 60, 2 * second),
                       holder(0, 62, 9 * second)};
    for (abi::flow_holder_record& record : records) record.is_listener = 1; // on ::
    held(flows, records);
    flows.on_open(unowned_event(1));
    payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = flows.on_close(close_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 60u);
}

TEST(FlowOwners, WithoutListenerWhatWaitedIsCountedAsLost) {
    FlowTable flows;
    flows.on_listener(listener_event(50));
    flows.on_listener(listener_event(50, abi::EVENT_LISTEN_END));
    flows.on_open(unowned_event(1));
    payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
    EXPECT_TRUE(flows.on_close(close_event(1)).empty());
    EXPECT_EQ(flows.unattributed(), 1u);
    EXPECT_FALSE(flows.awaits_owner());
    EXPECT_FALSE(flows.has_unowned());
}

TEST(FlowOwners, AHolderThatIsNeverFoundIsNotAskedForWithoutEnd) {
    FlowTable flows;
    flows.on_open(unowned_event(1));
    payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
    for (int i = 0; i < 10 && flows.awaits_owner(); ++i) held(flows);
    EXPECT_FALSE(flows.awaits_owner());
    EXPECT_EQ(flows.unattributed(), 1u);
    EXPECT_TRUE(payload(flows, 1, static_cast<std::uint32_t>(login.size()), login).empty());
    EXPECT_FALSE(flows.awaits_owner());
}

TEST(FlowOwners, AListenerFromBeforeTheAgentIsKnownByItsDescriptor) {
    FlowTable flows;
    abi::flow_holder_record record = holder(0, 60);
    record.is_listener = 1;
    held(flows, {&record, 1});
    flows.on_open(unowned_event(1));
    payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = flows.on_close(close_event(1));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 60u);
}

TEST(FlowOwners, AConnectionFromBeforeIsReadFromTheMiddle) {
    FlowTable flows;
    flows.on_open(unowned_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE));
    const std::string tail = R"(ce":"00ff","result":"cd"}})";
    payload(flows, 1, 0, tail + "\n" + login);
    const abi::flow_holder_record record = holder(1, 42);
    EXPECT_EQ(held(flows, {&record, 1}).size(), 1u);
}

TEST(FlowOwners, AConnectionWhoseOwnerEndedBelongsToWhoHoldsIt) {
    bool parent_runs = true;
    FlowTable flows(10,
                    [&](const abi::subject_id& owner) { return owner.pid != 42 || parent_runs; });
    flows.on_open(open_event(1));
    parent_runs = false; // it forked, and left the connection to its child
    EXPECT_TRUE(payload(flows, 1, 0, login).empty());
    EXPECT_TRUE(flows.awaits_owner());
    EXPECT_TRUE(flows.has_unowned());
    const abi::flow_holder_record record = holder(1, 43);
    const auto found = held(flows, {&record, 1});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].owner.pid, 43u);
    EXPECT_FALSE(flows.has_unowned());
    EXPECT_EQ(flows.sessions({200 * second}).front().owner.pid, 43u);
}

TEST(FlowOwners, OfAnOwnerThatEndedAndLeftNobodyNothingIsSaid) {
    FlowTable flows(10, [](const abi::subject_id&) { return false; });
    flows.on_open(open_event(1));
    payload(flows, 1, 0, login);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(held(flows).empty());
    EXPECT_FALSE(flows.awaits_owner());
    EXPECT_EQ(flows.unattributed(), 1u);
    flows.on_close(close_event(1));
    EXPECT_FALSE(flows.has_unowned());
}

TEST(FlowOwners, ASessionHandedOnGoesWithTheNextMessage) {
    bool parent_runs = true;
    FlowTable flows(10,
                    [&](const abi::subject_id& owner) { return owner.pid != 42 || parent_runs; });
    flows.on_open(open_event(1));
    EXPECT_EQ(payload(flows, 1, 0, login).size(), 1u);
    parent_runs = false;
    EXPECT_TRUE(payload(flows, 1, static_cast<std::uint32_t>(login.size()), login).empty());
    EXPECT_TRUE(flows.sessions({150 * second}).empty()); // nobody is known to have it now
    const abi::flow_holder_record record = holder(1, 43);
    EXPECT_EQ(held(flows, {&record, 1}).size(), 1u);
    EXPECT_EQ(flows.sessions({200 * second}).front().owner.pid, 43u);
}

TEST(FlowOwners, ASilentSessionHandedOnGoesAsWell) {
    bool parent_runs = true;
    FlowTable flows(10,
                    [&](const abi::subject_id& owner) { return owner.pid != 42 || parent_runs; });
    const auto none = [](std::uint64_t) { return false; };
    flows.on_open(open_event(1));
    payload(flows, 1, 0, login);
    flows.on_open(open_event(2)); // of no interest, unless somebody says so
    flows.disown_ended(none);
    EXPECT_FALSE(flows.awaits_owner());
    EXPECT_EQ(flows.owner_of(1)->pid, 42u);
    parent_runs = false;
    flows.disown_ended(none);
    EXPECT_TRUE(flows.awaits_owner());
    EXPECT_EQ(flows.owner_of(1)->pid, 0u);
    EXPECT_EQ(flows.owner_of(2)->pid, 42u);
    flows.disown_ended([](std::uint64_t flow_id) { return flow_id == 2; });
    const std::array records{holder(1, 43), holder(2, 43)};
    held(flows, records);
    EXPECT_EQ(flows.sessions({200 * second}).front().owner.pid, 43u);
    EXPECT_EQ(flows.owner_of(2)->pid, 43u);
    EXPECT_FALSE(flows.has_unowned());
    EXPECT_FALSE(flows.owner_of(3));
}

TEST(FlowOwners, AnOpeningToldTwiceCountsOnce) {
    FlowTable flows;
    flows.on_open(unowned_event(1));
    flows.on_open(unowned_event(1));
    flows.on_close(close_event(1));
    EXPECT_FALSE(flows.has_unowned());
}

TEST(FlowOwners, FloodsOfUnownedConnectionsStayBounded) {
    FlowTable flows(10);
    for (std::uint64_t flow = 1; flow <= 100; ++flow) {
        flows.on_open(unowned_event(flow));
        for (std::uint32_t i = 0; i < 100; ++i)
            payload(flows, flow, i * static_cast<std::uint32_t>(login.size()), login);
    }
    EXPECT_EQ(flows.size(), 10u);
    EXPECT_EQ(flows.forgotten(), 90u);
    EXPECT_GT(flows.unattributed(), 0u);
    for (int i = 0; i < 10; ++i) held(flows);
    EXPECT_FALSE(flows.awaits_owner());
}

constexpr auto nobody_descends = [](const abi::subject_id& process,
                                    const abi::subject_id& ancestor) {
    return process.pid == ancestor.pid;
};

/// Process 42 opened connection 1 and said its login, which was read before (`read`) or after it
/// ended.
FlowTable left_behind(bool read, DescendsFrom descends_from) {
    auto runs = std::make_shared<bool>(read);
    FlowTable flows(
        10, [runs](const abi::subject_id& owner) { return owner.pid != 42 || *runs; },
        std::move(descends_from));
    flows.on_open(open_event(1));
    payload(flows, 1, 0, login);
    *runs = false;
    flows.disown_ended([](std::uint64_t) { return false; });
    return flows;
}

// Anybody can pass a descriptor to a process that takes what it is given (a message bus).
TEST(FlowOwners, WhoWasHandedAConnectionByAStrangerIsNotAccusedOfWhatWasSaidBefore) {
    for (const bool read : {true, false}) {
        FlowTable flows = left_behind(read, nobody_descends);
        const abi::flow_holder_record record = holder(1, 30);
        EXPECT_TRUE(held(flows, {&record, 1}).empty());
        EXPECT_EQ(flows.unattributed(), read ? 0u : 1u);
        for (const FlowObservation& session : flows.sessions({300 * second}))
            EXPECT_EQ(session.observation.integer(rules::stratum_session::client_messages), 0);
        // What is said from now on, it says.
        const auto said = payload(flows, 1, static_cast<std::uint32_t>(login.size()), login);
        ASSERT_EQ(said.size(), 1u);
        EXPECT_EQ(said[0].owner.pid, 30u);
    }
}

TEST(FlowOwners, OfAStrangerAndAnHeirTheHeirIsTheOwner) {
    FlowTable flows = left_behind(true, [](const auto& process, const auto& ancestor) {
        return process.pid == ancestor.pid || (process.pid == 43 && ancestor.pid == 42);
    });
    const std::array records{holder(1, 30), holder(1, 43, 5 * second)};
    held(flows, records);
    const auto sessions = flows.sessions({300 * second});
    ASSERT_EQ(sessions.size(), 1u);
    EXPECT_EQ(sessions[0].owner.pid, 43u);
    EXPECT_EQ(sessions[0].observation.integer(rules::stratum_session::client_messages), 1);
}

TEST(FlowOwners, WhileStrangersHoldAConnectionTogetherNobodyIsNamed) {
    FlowTable flows = left_behind(true, nobody_descends);
    const std::array records{holder(1, 30), holder(1, 43, 5 * second)};
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(held(flows, records).empty());
    EXPECT_TRUE(flows.sessions({300 * second}).empty());
    EXPECT_FALSE(flows.awaits_owner()); // not without end
    EXPECT_GT(flows.unattributed(), 0u);
    payload(flows, 1, static_cast<std::uint32_t>(login.size()), login);
    EXPECT_TRUE(flows.awaits_owner());
    const auto found = held(flows, {&records[1], 1}); // the other one has let go of it
    ASSERT_EQ(flows.sessions({300 * second}).size(), 1u);
    EXPECT_EQ(flows.sessions({300 * second})[0].owner.pid, 43u);
}

TEST(FlowOwners, OfASilentDisputedSessionIsAskedAgain) {
    FlowTable flows = left_behind(true, nobody_descends);
    const std::array records{holder(1, 30), holder(1, 43, 5 * second)};
    for (int i = 0; i < 10; ++i) held(flows, records);
    flows.disown_ended([](std::uint64_t) { return false; });
    EXPECT_TRUE(flows.awaits_owner());
}

/// Whether an accepted connection that ends at once is taken for a listener's.
std::optional<std::uint32_t> listener_of_next(FlowTable& flows) {
    flows.on_open(unowned_event(1));
    payload(flows, 1, 0, login, abi::FLOW_RECEIVED);
    const auto found = flows.on_close(close_event(1));
    return found.empty() ? std::nullopt : std::optional(found[0].owner.pid);
}

// The kernel takes a port that it chose away before it tells that the listener has ended.
TEST(FlowOwners, AListenerIsKnownByItsSocketWhenItEnds) {
    FlowTable flows;
    flows.on_listener(listener_event(50));
    abi::flow_event end = listener_event(77, abi::EVENT_LISTEN_END);
    end.local_port = 0;
    flows.on_listener(end);
    EXPECT_EQ(flows.listeners().size(), 0u);
    EXPECT_FALSE(listener_of_next(flows));
}

TEST(FlowOwners, TheEndOfAListenerLeavesWhoListensThereSince) {
    FlowTable flows;
    flows.on_listener(listener_event(50));
    abi::flow_event next = listener_event(51);
    next.flow_id = 1234;
    flows.on_listener(next);
    flows.on_listener(listener_event(50, abi::EVENT_LISTEN_END));
    EXPECT_EQ(listener_of_next(flows), 51u);
}

TEST(FlowOwners, WhoDoesNotListenWhenAllAreLookedAtHasEnded) {
    for (const bool complete : {false, true}) {
        FlowTable flows;
        flows.on_listener(listener_event(50));
        held(flows, {}, complete);
        EXPECT_EQ(listener_of_next(flows).has_value(), !complete);
    }
    FlowTable flows;
    abi::flow_event later = listener_event(50);
    later.header.boottime_ns = 201 * second; // since the look began
    flows.on_listener(later);
    held(flows, {}, true);
    EXPECT_EQ(listener_of_next(flows), 50u);
}

TEST(FlowOwners, ListenersPastTheMostAreCounted) {
    FlowTable flows;
    abi::flow_event event = listener_event(50);
    for (std::uint32_t i = 0; i <= Listeners::maximum; ++i) {
        event.flow_id = 1000 + i;
        event.network_namespace = i;
        flows.on_listener(event);
    }
    EXPECT_EQ(flows.listeners().size(), Listeners::maximum);
    EXPECT_EQ(flows.listeners().forgotten(), 1u);
}

TEST(HolderSearch, CopiesOfADescriptorTakeNoMemory) {
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
