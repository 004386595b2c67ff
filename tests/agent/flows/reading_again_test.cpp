// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/flows/flow_events.h"

#include <gtest/gtest.h>

/// What a connection says after its first kilobytes is read, too.
namespace minewarden::agent {
namespace {

using namespace flow_events;
using Ids = std::vector<std::uint64_t>;

const std::string filler(rules::StreamHead::window, 'x');
const std::string submit =
    R"({"id":9,"jsonrpc":"2.0","method":"submit","params":{"id":"s","job_id":"j","nonce":"0a0b0c0d",)"
    R"("result":")" +
    std::string(64, 'a') + "\"}}\n";
const std::string job = R"({"jsonrpc":"2.0","method":"job","params":{"blob":")" +
                        std::string(152, '0') + R"(","job_id":"j","target":"b88d0600"}})" + "\n";

constexpr std::uint32_t again = abi::FLOW_ESTABLISHED | abi::FLOW_IN_MIDDLE | abi::FLOW_READ_AGAIN;

Ids all_of(FlowTable& flows) {
    return flows.take_to_read_again(100);
}

TEST(ReadingAgain, WhatIsReadToTheEndOfTheCaptureIsReadOn) {
    FlowTable flows;
    flows.on_open(open_event(1));
    payload(flows, 1, 0, "{\"padding\": \"" + filler);
    EXPECT_EQ(all_of(flows), Ids{1});
    EXPECT_EQ(all_of(flows), Ids{}) << "asked for, and nothing was said since";
    flows.on_open(open_event(1, again));
    const auto seen = payload(flows, 1, 0, submit);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(text(seen[0].observation, rules::stratum_message::message), "submit");
    EXPECT_EQ(all_of(flows), Ids{}) << "there is room left";
    payload(flows, 1, static_cast<std::uint32_t>(submit.size()), filler);
    EXPECT_EQ(all_of(flows), Ids{1});
}

TEST(ReadingAgain, TheOtherDirectionIsReadUntilThen) {
    FlowTable flows;
    flows.on_open(open_event(1));
    payload(flows, 1, 0, "{\"a\": \"" + filler, abi::FLOW_RECEIVED);
    EXPECT_EQ(payload(flows, 1, 0, login).size(), 1U);
    EXPECT_EQ(all_of(flows), Ids{1});
}

TEST(ReadingAgain, WhatHadNothingToLookForIsLookedAtAgain) {
    FlowTable flows;
    flows.on_open(open_event(1));
    EXPECT_TRUE(payload(flows, 1, 0, std::string("\x16\x03\x01 first", 9)).empty());
    EXPECT_TRUE(payload(flows, 1, 9, login).empty());
    EXPECT_EQ(all_of(flows), Ids{1});
    flows.on_open(open_event(1, again));
    EXPECT_EQ(payload(flows, 1, 0, submit).size(), 1U);
}

TEST(ReadingAgain, HealsWhenTheEventIsLost) {
    FlowTable flows;
    flows.on_open(open_event(1));
    payload(flows, 1, 0, std::string("\x16\x03\x01 first", 9));
    EXPECT_EQ(all_of(flows), Ids{1});
    EXPECT_TRUE(payload(flows, 1, 0, submit).empty());
    EXPECT_EQ(all_of(flows), Ids{1});
}

TEST(ReadingAgain, NotAfterTheEndAndNotWhatWasSkipped) {
    FlowTable flows;
    flows.on_open(open_event(1));
    payload(flows, 1, 0, filler);
    flows.on_close(open_event(1));
    flows.on_open(open_event(2, abi::FLOW_ESTABLISHED | abi::FLOW_PAYLOAD_SKIPPED));
    EXPECT_EQ(all_of(flows), Ids{});
}

TEST(ReadingAgain, EachInItsTurn) {
    FlowTable flows;
    for (std::uint64_t id = 1; id <= 5; ++id) {
        flows.on_open(open_event(id));
        payload(flows, id, 0, "not json");
    }
    flows.on_close(open_event(2));
    EXPECT_EQ(flows.take_to_read_again(2), (Ids{1, 3}));
    payload(flows, 1, 8, "more");
    EXPECT_EQ(all_of(flows), (Ids{4, 5, 1}));
}

// A busy server: a hundred thousand connections a window that end before their turn comes, beside
// more long ones than are read again at once.
TEST(ReadingAgain, ConnectionsThatEndLeaveNothingBehind) {
    ReadingQueue queue;
    constexpr std::uint64_t lasting = 500;
    for (std::uint64_t id = 0; id < lasting; ++id) queue.add(id);
    std::uint64_t next = lasting;
    for (int window = 0; window < 10; ++window) {
        for (int i = 0; i < 100'000; ++i, ++next) {
            queue.add(next);
            queue.remove(next);
        }
        EXPECT_LE(queue.places(), 2 * (lasting + 1) + ReadingQueue::places_left_behind);
        for (const std::uint64_t id : queue.take(128)) {
            EXPECT_LT(id, lasting);
            queue.add(id);
        }
    }
}

TEST(ReadingAgain, ASessionKeepsItsCounts) {
    FlowTable flows;
    flows.on_open(open_event(1));
    payload(flows, 1, 0, login);
    payload(flows, 1, 0, job, abi::FLOW_RECEIVED);
    flows.on_open(open_event(1, again));
    payload(flows, 1, 0, submit);
    const auto sessions = flows.sessions({200 * second});
    ASSERT_EQ(sessions.size(), 1U);
    namespace field = rules::stratum_session;
    EXPECT_EQ(sessions[0].observation.integer(field::client_messages), 2);
    EXPECT_EQ(sessions[0].observation.integer(field::server_messages), 1);
    EXPECT_EQ(sessions[0].observation.integer(field::submits), 1);
    EXPECT_EQ(sessions[0].observation.integer(field::age_s), 100);
}

} // namespace
} // namespace minewarden::agent
