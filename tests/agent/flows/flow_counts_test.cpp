// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/flows/flow_events.h"

#include <gtest/gtest.h>

/// What a look at the open connections shows: traffic, and ends that were not reported.
namespace minewarden::agent {
namespace {

using namespace flow_events;
using Counts = std::vector<abi::flow_counts_record>;
using Ids = std::vector<std::uint64_t>;
using enum FlowTable::Sight;

constexpr BootTime later{200 * second};

void look(FlowTable& flows, const Counts& counts) {
    flows.begin_counts();
    flows.on_counts(counts);
}

/// The connections forgotten after a complete look that showed these.
Ids ended(FlowTable& flows, const Counts& shown, FlowTable::Sight sight = every_socket,
          BootTime asked = later) {
    look(flows, shown);
    return flows.forget_ended(sight, asked);
}

TEST(FlowCounts, TrafficOfAWindowIsWhatWasCarriedInIt) {
    namespace field = rules::flow_window;
    FlowTable flows;
    flows.on_open(open_event(1));
    const Counts counts{{1, 500, 300, 5, 3}, {2, 1, 1, 1, 1}}; // flow 2 is not known
    look(flows, counts);
    auto seen = flows.traffic({110 * second});
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].owner.pid, 42u);
    EXPECT_EQ(seen[0].observation.integer(field::sent_bytes), 500);
    EXPECT_EQ(seen[0].observation.integer(field::received_segments), 3);
    EXPECT_EQ(seen[0].observation.integer(field::age_s), 10);
    look(flows, counts);
    EXPECT_TRUE(flows.traffic({120 * second}).empty()) << "nothing new";

    abi::flow_event end = open_event(1);
    end.header.type = abi::EVENT_FLOW_CLOSE;
    end.bytes_sent = 700;
    end.bytes_received = 301;
    end.segments_sent = 7;
    end.segments_received = 3;
    seen = flows.on_close(end);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].observation.integer(field::sent_bytes), 200);
    EXPECT_EQ(text(seen[0].observation, field::closed), "true");
}

TEST(FlowCounts, AConnectionHeldByManyDescriptorsIsObservedOnce) {
    FlowTable flows;
    flows.on_open(open_event(1));
    look(flows, {{1, 500, 300, 5, 3}, {1, 500, 300, 5, 3}});
    flows.on_counts(Counts{{1, 501, 300, 5, 3}}); // the next piece
    const auto seen = flows.traffic({110 * second});
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].observation.integer(rules::flow_window::sent_bytes), 501);
}

TEST(FlowCounts, WhatAnUnfinishedLookDidNotShowIsNoTraffic) {
    FlowTable flows;
    flows.on_open(open_event(1));
    flows.on_open(open_event(2));
    look(flows, {{1, 10, 0, 1, 0}, {2, 20, 0, 1, 0}});
    EXPECT_EQ(flows.traffic({110 * second}).size(), 2u);
    look(flows, {{1, 30, 0, 2, 0}});
    EXPECT_EQ(flows.traffic({120 * second}).size(), 1u);
    look(flows, {{2, 50, 0, 2, 0}});
    const auto seen = flows.traffic({130 * second});
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].observation.integer(rules::flow_window::sent_bytes), 30);
}

TEST(FlowCounts, WhatAConnectionCarriedBeforeTheAgentCountsToNoWindow) {
    FlowTable flows;
    abi::flow_event event = open_event(1, abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE);
    event.bytes_sent = 1'000'000;
    event.segments_sent = 900;
    flows.on_open(event);
    look(flows, {{1, 1'000'100, 0, 901, 0}});
    const auto seen = flows.traffic({110 * second});
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].observation.integer(rules::flow_window::sent_bytes), 100);
}

TEST(FlowCounts, AConnectionWhoseEndWasLostIsForgottenAfterTwoLooks) {
    FlowTable flows;
    flows.on_open(open_event(1));
    flows.on_open(open_event(2));
    payload(flows, 1, 0, login);
    ASSERT_TRUE(flows.has_sessions());
    const Counts counts{{2, 0, 0, 0, 0}};
    EXPECT_EQ(ended(flows, counts), Ids{}) << "its end may still be on the way";
    EXPECT_EQ(ended(flows, counts), Ids{1});
    EXPECT_FALSE(flows.has_sessions());
    EXPECT_TRUE(flows.sessions(later).empty());
    EXPECT_EQ(flows.size(), 1u);
    EXPECT_EQ(flows.ends_missed(), 1u);
}

TEST(FlowCounts, AConnectionOpenedSinceOrShownAgainStays) {
    FlowTable flows;
    flows.on_open(open_event(1));
    ended(flows, {});
    ended(flows, {{1, 0, 0, 0, 0}});
    EXPECT_EQ(ended(flows, {}), Ids{});
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(ended(flows, {}, every_socket, {50 * second}), Ids{}) << "opened since";
}

/// Process 42 runs until it is told that it ended.
class HeldSockets : public testing::Test {
  protected:
    bool runs_ = true;
    FlowTable flows_{FlowTable::maximum_flows, [this](const abi::subject_id&) { return runs_; }};
};

TEST_F(HeldSockets, AConnectionWithoutDescriptorStaysWhileItsOwnerRuns) {
    flows_.on_open(open_event(1));
    for (unsigned i = 0; i < FlowTable::looks_until_forgotten - 1; ++i)
        EXPECT_EQ(ended(flows_, {}, held_sockets), Ids{});
    EXPECT_EQ(flows_.take_to_read_again(100), Ids{1}) << "its next payload shows that it is there";
    payload(flows_, 1, 0, login);
    for (unsigned i = 0; i < FlowTable::looks_until_forgotten - 1; ++i)
        EXPECT_EQ(ended(flows_, {}, held_sockets), Ids{});
    EXPECT_EQ(flows_.take_to_read_again(100), Ids{1});
}

TEST_F(HeldSockets, OneThatIsSilentForLongIsForgotten) {
    flows_.on_open(open_event(1));
    Ids forgotten;
    unsigned looks = 0;
    while (forgotten.empty() && looks < 2 * FlowTable::looks_until_forgotten) {
        forgotten = ended(flows_, {}, held_sockets);
        ++looks;
    }
    EXPECT_EQ(forgotten, Ids{1});
    EXPECT_EQ(looks, FlowTable::looks_until_forgotten);
}

TEST_F(HeldSockets, OneWhoseOwnerEndedIsForgottenAfterTwoLooks) {
    flows_.on_open(open_event(1));
    runs_ = false;
    EXPECT_EQ(ended(flows_, {}, held_sockets), Ids{});
    EXPECT_EQ(ended(flows_, {}, held_sockets), Ids{1});
}

TEST_F(HeldSockets, OneWithoutOwnerIsForgottenAfterTwoLooks) {
    flows_.on_open(unowned_event(1));
    EXPECT_EQ(ended(flows_, {}, held_sockets), Ids{});
    EXPECT_EQ(ended(flows_, {}, held_sockets), Ids{1});
}

TEST(FlowCounts, AMarkThatWasGivenUpIsAskedForAgain) {
    FlowTable flows;
    flows.on_open(open_event(1));
    flows.ask_again_for(Ids{1, 2}); // 2 has ended
    EXPECT_EQ(flows.take_to_read_again(100), Ids{1});
}

} // namespace
} // namespace minewarden::agent
