// SPDX-License-Identifier: Apache-2.0
#include "agent/flows/flow_table.h"

namespace minewarden::agent {
namespace {

using rules::Direction;
using rules::Observation;
using rules::ObservationType;
using rules::StratumMessage;
using rules::StratumSide;

constexpr std::uint64_t ns_per_second = 1'000'000'000;

} // namespace

FlowTable::Flow& FlowTable::claim(std::uint64_t flow_id) {
    if (const auto found = flows_.find(flow_id); found != flows_.end()) return found->second;
    if (flows_.size() >= maximum_flows_) {
        flows_.erase(order_.front());
        order_.pop_front();
        ++forgotten_;
    }
    Flow& flow = flows_[flow_id];
    flow.assembly = std::make_unique<Assembly>();
    flow.place = order_.insert(order_.end(), flow_id);
    return flow;
}

std::vector<FlowObservation> FlowTable::on_open(const abi::flow_event& event) {
    Flow& flow = claim(event.flow_id);
    flow.open_seen = true;
    flow.owner = event.owner;
    flow.remote_address = IpAddress::from_bytes(event.remote_address);
    flow.remote_port = event.remote_port;
    flow.opened = {event.header.boottime_ns};
    if ((event.flags & abi::FLOW_PAYLOAD_SKIPPED) != 0) flow.assembly.reset();
    std::vector<FlowObservation> observations;
    observations.reserve(flow.early.size());
    for (const auto& [message, direction] : flow.early)
        observations.push_back(observe(event.flow_id, flow, message, direction, flow.opened));
    flow.early.clear();
    return observations;
}

std::vector<FlowObservation> FlowTable::on_payload(const abi::flow_payload_event& event,
                                                   ByteView data) {
    Flow& flow = claim(event.flow_id);
    if (!flow.assembly) return {};
    const auto direction =
        event.direction == abi::FLOW_SENT ? Direction::sent : Direction::received;
    rules::StreamHead& head = flow.assembly->heads[static_cast<std::size_t>(direction)];
    const std::string_view fresh = head.add(event.offset, data);
    std::vector<FlowObservation> observations;
    for (const StratumMessage& message : flow.assembly->recogniser.feed(direction, fresh)) {
        if (flow.open_seen)
            observations.push_back(
                observe(event.flow_id, flow, message, direction, {event.header.boottime_ns}));
        else
            flow.early.emplace_back(message, direction);
    }
    if (!flow.assembly->recogniser.is_hopeful()) flow.assembly.reset();
    return observations;
}

void FlowTable::on_close(const abi::flow_event& event) {
    const auto found = flows_.find(event.flow_id);
    if (found == flows_.end()) return;
    order_.erase(found->second.place);
    flows_.erase(found);
}

FlowObservation FlowTable::observe(std::uint64_t flow_id, Flow& flow, const StratumMessage& message,
                                   Direction direction, BootTime time) {
    namespace field = rules::stratum_message;
    const bool sent = direction == Direction::sent;
    const bool from_client = message.sender == StratumSide::client;
    flow.recognised = true;
    flow.dialect = message.dialect;
    flow.process_is_client = sent == from_client;
    ++(from_client ? flow.client_messages : flow.server_messages);

    Observation observation(ObservationType::stratum_message);
    observation.time = time;
    observation.entity = static_cast<std::int64_t>(flow_id);
    observation.set(field::dialect, std::string(to_string(message.dialect)));
    observation.set(field::message, std::string(message.message));
    observation.set(field::sent, sent);
    observation.set(field::role, std::string(flow.process_is_client ? "client" : "server"));
    observation.set(field::remote_address, flow.remote_address);
    observation.set(field::remote_port, std::int64_t{flow.remote_port});
    observation.set(field::wallet, std::string(message.wallet));
    if (!message.software.empty()) observation.set(field::software, message.software);
    observation.set(field::algorithms, std::int64_t{message.algorithms});
    return {flow.owner, std::move(observation)};
}

std::vector<FlowObservation> FlowTable::sessions(BootTime now) const {
    namespace field = rules::stratum_session;
    std::vector<FlowObservation> observations;
    for (const std::uint64_t flow_id : order_) {
        const Flow& flow = flows_.at(flow_id);
        if (!flow.recognised) continue;
        Observation observation(ObservationType::stratum_session);
        observation.time = now;
        observation.entity = static_cast<std::int64_t>(flow_id);
        observation.set(field::dialect, std::string(to_string(flow.dialect)));
        observation.set(field::role, std::string(flow.process_is_client ? "client" : "server"));
        observation.set(field::remote_address, flow.remote_address);
        observation.set(field::remote_port, std::int64_t{flow.remote_port});
        observation.set(field::age_s,
                        static_cast<std::int64_t>((now.ns - flow.opened.ns) / ns_per_second));
        observation.set(field::client_messages, flow.client_messages);
        observation.set(field::server_messages, flow.server_messages);
        observations.push_back({flow.owner, std::move(observation)});
    }
    return observations;
}

} // namespace minewarden::agent
