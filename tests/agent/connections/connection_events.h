// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connections.h"

#include <cstdint>
#include <set>
#include <string>

/// Connections and their events, as tests need them. Process 42 opens connections to 127.0.0.1:3333
/// at 100 s.
namespace minewarden::agent::connection_events {

constexpr std::uint64_t second = 1'000'000'000;
using Observations = Connections::Observations;

/// A host on which every process is alive that is not in `ended`.
struct TestHost {
    std::set<std::uint32_t> ended; ///< pids
    ProcessTable processes{
        [this](const abi::subject_id& subject) { return !ended.contains(subject.pid); }};

    /// `child` is a fork of `parent`. By default both start as in open_event().
    void fork(std::uint32_t parent, std::uint32_t child, std::uint64_t child_start = second,
              std::uint64_t parent_start = second) {
        abi::process_fork_event event{};
        event.parent = {parent_start, 1, parent, 0};
        event.child = {child_start, 1, child, 0};
        processes.on_fork(event);
    }
};

/// The connections of such a host.
class TestConnections : public TestHost, public Connections {
  public:
    explicit TestConnections(std::size_t most = maximum)
        : Connections(processes, *rules::IndicatorSet::load({}), most) {}
};

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

inline Observations payload(Connections& connections, std::uint64_t flow, std::uint32_t offset,
                            std::string_view bytes,
                            abi::flow_direction direction = abi::FLOW_SENT) {
    abi::flow_payload_event event{};
    event.header = {abi::EVENT_FLOW_PAYLOAD, sizeof(event), 101 * second};
    event.flow_id = flow;
    event.offset = offset;
    event.length = static_cast<std::uint16_t>(bytes.size());
    event.direction = direction;
    return connections.on_payload(event, as_bytes(bytes));
}

inline std::string text(const rules::Observation& observation, std::size_t field) {
    return rules::to_display(observation.values[field]);
}

/// 127.0.0.N; for 0 the wildcard of IPv4.
inline void set_local_address(std::uint8_t (&address)[16], std::uint8_t n) {
    address[10] = address[11] = 0xff;
    address[12] = n == 0 ? 0 : 127;
    address[15] = n;
}

/// A connection accepted on 127.0.0.1:3333.
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

/// A search for holders at 200 s that finds these.
inline Observations search(Connections& connections,
                           std::span<const abi::flow_holder_record> holders = {},
                           bool complete = false) {
    connections.on_holders(holders);
    return connections.settle_holders(complete, {200 * second});
}

} // namespace minewarden::agent::connection_events
