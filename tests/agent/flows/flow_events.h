// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/flows/flow_table.h"

#include <cstdint>
#include <string>

/// Events of the flow sensor as tests need them: flow 1 is a connection of process 42 to
/// 127.0.0.1:3333, opened at 100 s.
namespace minewarden::agent::flow_events {

constexpr std::uint64_t second = 1'000'000'000;
inline const std::string login =
    R"({"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"wallet","pass":"x","agent":"a/1"}})"
    "\n";
inline const std::string subscribed =
    R"({"id":1,"result":[[["mining.notify","1"]],"abcd",4],"error":null})"
    "\n";

inline abi::flow_event open_event(std::uint64_t flow, std::uint32_t flags = abi::FLOW_ESTABLISHED) {
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

inline std::vector<FlowObservation> payload(FlowTable& flows, std::uint64_t flow,
                                            std::uint32_t offset, std::string_view bytes,
                                            abi::flow_direction direction = abi::FLOW_SENT) {
    abi::flow_payload_event event{};
    event.header = {abi::EVENT_FLOW_PAYLOAD, sizeof(event), 101 * second};
    event.flow_id = flow;
    event.offset = offset;
    event.length = static_cast<std::uint16_t>(bytes.size());
    event.direction = direction;
    return flows.on_payload(event, as_bytes(bytes));
}

inline std::string text(const rules::Observation& observation, std::size_t field) {
    return rules::to_display(observation.values[field]);
}

/// 127.0.0.N; of N 0 the wildcard of IPv4.
inline void set_local_address(std::uint8_t (&address)[16], std::uint8_t n) {
    address[10] = address[11] = 0xff;
    address[12] = n == 0 ? 0 : 127;
    address[15] = n;
}

/// Accepted on 127.0.0.1:3333.
inline abi::flow_event unowned_event(std::uint64_t flow,
                                     std::uint32_t flags = abi::FLOW_ESTABLISHED) {
    abi::flow_event event = open_event(flow, flags);
    event.owner = {};
    set_local_address(event.local_address, 1);
    event.local_port = 3333;
    event.remote_port = 50'000;
    event.network_namespace = 7;
    return event;
}

inline abi::flow_event close_event(std::uint64_t flow) {
    abi::flow_event event = unowned_event(flow);
    event.header.type = abi::EVENT_FLOW_CLOSE;
    return event;
}

inline abi::flow_event listener_event(std::uint32_t pid,
                                      abi::event_type type = abi::EVENT_LISTEN_BEGIN,
                                      std::uint8_t address = 0) {
    abi::flow_event event = unowned_event(900u + address); // a socket for each
    set_local_address(event.local_address, address);
    event.header.type = type;
    event.owner = {second, 1, pid, 0};
    return event;
}

inline abi::flow_holder_record holder(std::uint64_t flow, std::uint32_t pid,
                                      std::uint64_t start = second) {
    return {{start, 1, pid, 0}, flow, 7, 3333, 0, {}};
}

/// Asked for the holders at 200 s.
inline std::vector<FlowObservation> held(FlowTable& flows,
                                         std::span<const abi::flow_holder_record> holders = {},
                                         bool complete = false) {
    flows.on_holders(holders);
    return flows.settle_holders(complete, {200 * second});
}

} // namespace minewarden::agent::flow_events
