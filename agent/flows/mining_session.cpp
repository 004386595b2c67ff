// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/mining_session.h"

namespace minewarden::agent {
namespace {

using rules::Direction;
using rules::MiningMessage;
using rules::Observation;
using rules::ObservationType;

constexpr std::uint64_t ns_per_second = 1'000'000'000;

} // namespace

void MiningSession::count(const MiningMessage& message, Direction direction) {
    const bool from_client = message.sender == rules::MiningSide::client;
    protocol_ =
        has_begun_ ? rules::narrower_protocol(protocol_, message.protocol) : message.protocol;
    has_begun_ = true;
    const bool is_its_part = (parts_.role() == MiningRole::client) == from_client;
    if (is_its_part != (direction == Direction::sent)) return;
    ++(from_client ? client_messages_ : server_messages_);
    if (message.message == "submit") ++submits_;
}

Observation MiningSession::observe_message(const Flow& flow, const MiningMessage& message,
                                           Direction direction, std::int64_t work_requests,
                                           BootTime time) const {
    Observation observation = describe(flow, message, direction, time);
    observation.set(rules::stratum_message::work_requests, work_requests);
    return observation;
}

Observation MiningSession::observe_transcript(const Flow& flow, Direction direction,
                                              BootTime time) const {
    MiningMessage message;
    message.protocol = protocol_;
    message.message = "transcript";
    return describe(flow, message, direction, time);
}

Observation MiningSession::describe(const Flow& flow, const MiningMessage& message,
                                    Direction direction, BootTime time) const {
    namespace field = rules::stratum_message;
    const bool sent = direction == Direction::sent;
    Observation observation(ObservationType::stratum_message);
    observation.time = time;
    observation.entity = static_cast<std::int64_t>(flow.id);
    observation.set(field::dialect, std::string(to_string(message.protocol)));
    observation.set(field::message, std::string(message.message));
    observation.set(field::sent, sent);
    observation.set(field::role, std::string(to_string(parts_.role())));
    observation.set(field::remote_address, flow.remote_address);
    observation.set(field::remote_port, std::int64_t{flow.remote_port});
    observation.set(field::wallet, std::string(message.wallet));
    if (!message.software.empty()) observation.set(field::software, message.software);
    observation.set(field::algorithms, std::int64_t{message.algorithms});
    observation.set(field::miner_header, message.miner_header);
    return observation;
}

Observation MiningSession::observe_session(const Flow& flow, BootTime now) const {
    namespace field = rules::stratum_session;
    Observation observation(ObservationType::stratum_session);
    observation.time = now;
    observation.entity = static_cast<std::int64_t>(flow.id);
    observation.set(field::dialect, std::string(to_string(protocol_)));
    observation.set(field::role, std::string(to_string(parts_.role())));
    observation.set(field::remote_address, flow.remote_address);
    observation.set(field::remote_port, std::int64_t{flow.remote_port});
    observation.set(field::age_s,
                    static_cast<std::int64_t>((now.ns - flow.opened.ns) / ns_per_second));
    observation.set(field::client_messages, client_messages_);
    observation.set(field::server_messages, server_messages_);
    observation.set(field::submits, submits_);
    return observation;
}

} // namespace minewarden::agent
