// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/event_dispatcher.h"
#include "kernel/flow_abi.h"
#include "kernel/process_abi.h"

#include <gtest/gtest.h>

#include <string>

namespace minewarden::agent {
namespace {

class EventDispatcherTest : public testing::Test {
  protected:
    EventDispatcherTest() {
        events_.on<abi::process_fork_event>(
            abi::EVENT_PROCESS_FORK, [this](const auto& event) { forked_ = event.child.pid; });
        events_.on_with_data<abi::flow_payload_event>(
            abi::EVENT_FLOW_PAYLOAD,
            [this](const auto&, ByteView data) { payload_ = std::string(as_text(data)); });
    }
    static abi::process_fork_event fork(std::uint32_t child) {
        abi::process_fork_event event{};
        event.header = {abi::EVENT_PROCESS_FORK, sizeof(event), 0};
        event.child.pid = child;
        return event;
    }
    /// A payload event that claims `length` bytes of data.
    static std::string payload(std::string_view data, std::size_t length) {
        abi::flow_payload_event event{};
        event.header.type = abi::EVENT_FLOW_PAYLOAD;
        event.length = static_cast<std::uint16_t>(length);
        std::string bytes(sizeof(event), '\0');
        std::memcpy(bytes.data(), &event, sizeof(event));
        return bytes.append(data);
    }
    template <class Event>
    static ByteView bytes_of(const Event& event) {
        return {reinterpret_cast<const std::uint8_t*>(&event), sizeof(event)};
    }

    EventDispatcher events_;
    std::uint32_t forked_ = 0;
    std::string payload_;
};

TEST_F(EventDispatcherTest, CallsTheHandlerOfTheType) {
    events_.dispatch(bytes_of(fork(7)));
    EXPECT_EQ(forked_, 7U);
    events_.dispatch(as_bytes(payload("abc and padding", 3)));
    EXPECT_EQ(payload_, "abc");
    EXPECT_EQ(events_.malformed(), 0U);
}

TEST_F(EventDispatcherTest, CountsEventsOfUnknownType) {
    auto event = fork(7);
    for (const std::uint32_t type : {0U, 3U, 18U, 999U, 0xffffffffU}) {
        event.header.type = type;
        events_.dispatch(bytes_of(event));
    }
    EXPECT_EQ(forked_, 0U);
    EXPECT_EQ(events_.malformed(), 5U);
}

TEST_F(EventDispatcherTest, CountsEventsOfWrongSize) {
    auto event = fork(7);
    events_.dispatch(bytes_of(event).first(sizeof(event) - 1));
    event.header.size += 8;
    events_.dispatch(bytes_of(event));
    EXPECT_EQ(forked_, 0U);
    EXPECT_EQ(events_.malformed(), 2U);
    for (std::size_t size = 0; size < sizeof(abi::event_header); ++size)
        events_.dispatch(bytes_of(event).first(size));
    EXPECT_EQ(events_.malformed(), 2U + sizeof(abi::event_header));
}

TEST_F(EventDispatcherTest, CountsEventsWithTooLittleData) {
    events_.dispatch(as_bytes(payload("abc", 4)));
    EXPECT_EQ(payload_, "");
    EXPECT_EQ(events_.malformed(), 1U);
}

} // namespace
} // namespace minewarden::agent
