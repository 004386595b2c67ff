// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/handshake_observation.h"

namespace minewarden::agent {
namespace {

rules::NodeSide other(rules::NodeSide side) {
    using enum rules::NodeSide;
    if (side == unknown) return unknown;
    return side == initiator ? responder : initiator;
}

} // namespace

rules::Observation observe_handshake(const Flow& flow, const rules::NodeHandshake& handshake,
                                     rules::Direction direction, BootTime time) {
    namespace field = rules::node_handshake;
    const bool sent = direction == rules::Direction::sent;
    rules::Observation observation(rules::ObservationType::node_handshake);
    observation.time = time;
    observation.entity = static_cast<std::int64_t>(flow.id);
    observation.set(field::network, std::string(to_string(handshake.network)));
    observation.set(field::variant, std::string(handshake.variant));
    const rules::NodeSide role = sent ? handshake.sender : other(handshake.sender);
    observation.set(field::role, std::string(to_string(role)));
    observation.set(field::sent, sent);
    observation.set(field::remote_address, flow.remote_address);
    observation.set(field::remote_port, std::int64_t{flow.remote_port});
    if (handshake.serves_chain) observation.set(field::serves_chain, *handshake.serves_chain);
    if (!handshake.software.empty()) observation.set(field::software, handshake.software);
    return observation;
}

} // namespace minewarden::agent
