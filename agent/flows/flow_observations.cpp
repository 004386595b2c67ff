// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/flow_observations.h"

namespace minewarden::agent {
namespace {

constexpr std::uint64_t longest_pause_ns = 600'000'000'000;

rules::NodeSide other(rules::NodeSide side) {
    using enum rules::NodeSide;
    if (side == unknown) return unknown;
    return side == initiator ? responder : initiator;
}

} // namespace

rules::Observation handshake_observation(std::uint64_t flow_id, const IpAddress& remote_address,
                                         std::uint16_t remote_port,
                                         const rules::NodeHandshake& handshake,
                                         rules::Direction direction, BootTime time) {
    namespace field = rules::node_handshake;
    const bool sent = direction == rules::Direction::sent;
    rules::Observation observation(rules::ObservationType::node_handshake);
    observation.time = time;
    observation.entity = static_cast<std::int64_t>(flow_id);
    observation.set(field::network, std::string(to_string(handshake.network)));
    observation.set(field::variant, std::string(handshake.variant));
    const rules::NodeSide role = sent ? handshake.sender : other(handshake.sender);
    observation.set(field::role, std::string(to_string(role)));
    observation.set(field::sent, sent);
    observation.set(field::remote_address, remote_address);
    observation.set(field::remote_port, std::int64_t{remote_port});
    if (handshake.serves_chain) observation.set(field::serves_chain, *handshake.serves_chain);
    if (!handshake.software.empty()) observation.set(field::software, handshake.software);
    return observation;
}

std::int64_t WorkRequests::count(const abi::subject_id& process, const IpAddress& address,
                                 BootTime time) {
    const Key key(process.pid, process.start_boottime_ns, address);
    const auto [found, is_new] = counts_.try_emplace(key);
    Count& count = found->second;
    if (is_new) {
        count.place = order_.insert(order_.end(), key);
    } else {
        order_.splice(order_.end(), order_, count.place);
        if (time.ns > count.last.ns + longest_pause_ns) count.requests = 0;
    }
    count.last = time;
    const std::int64_t requests = ++count.requests;
    if (counts_.size() > maximum_) {
        counts_.erase(order_.front());
        order_.pop_front();
    }
    return requests;
}

} // namespace minewarden::agent
