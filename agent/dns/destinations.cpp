// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/destinations.h"

#include "agent/processes/process_table.h"

namespace minewarden::agent {
namespace {

constexpr std::uint16_t dns_over_tls = 853; // RFC 7858
constexpr std::uint16_t https = 443;

} // namespace

std::vector<FlowObservation> Destinations::on_open(const abi::flow_event& event) {
    const IpAddress address = IpAddress::from_bytes(event.remote_address);
    if (event.remote_port == dns_over_tls ||
        (event.remote_port == https && cache_.lists().is_encrypted_resolver(address)))
        ++encrypted_resolvers_;
    // Accepted, or older than the agent: nobody here is known to have asked for the address.
    if (event.owner.pid == 0) return {};
    const BootTime time{event.header.boottime_ns};
    const auto known = cache_.find(address, {to_image(event.owner), event.network_namespace}, time);
    if (!known) return {};
    Connection& connection = connections_.claim(event.flow_id);
    connection = {event.owner, address, event.remote_port, *known};
    return {observe(event.flow_id, connection, time)};
}

void Destinations::on_close(const abi::flow_event& event) {
    connections_.erase(event.flow_id);
}

std::vector<FlowObservation> Destinations::open_connections(BootTime now, const OwnerOf& owner_of) {
    std::vector<FlowObservation> observations;
    connections_.each([&](std::uint64_t flow_id, Connection connection) {
        if (const auto owner = owner_of(flow_id)) connection.owner = *owner;
        if (connection.owner.pid == 0) return;
        // That others share the address may have shown since.
        connection.known.ambiguous = cache_.is_ambiguous(connection.address);
        observations.push_back(observe(flow_id, connection, now));
    });
    return observations;
}

FlowObservation Destinations::observe(std::uint64_t flow_id, const Connection& connection,
                                      BootTime time) {
    namespace field = rules::flow_destination;
    const rules::Indicator& indicator = connection.known.indicator;
    rules::Observation observation(rules::ObservationType::flow_destination);
    observation.time = time;
    observation.entity = static_cast<std::int64_t>(flow_id);
    observation.set(field::remote_address, connection.address);
    observation.set(field::remote_port, std::int64_t{connection.port});
    observation.set(field::level, std::string(to_string(connection.known.level)));
    observation.set(field::kind, std::string(rules::to_string(indicator.kind)));
    observation.set(field::name, indicator.suffix);
    observation.set(field::list, indicator.list);
    if (!indicator.coin.empty()) observation.set(field::coin, indicator.coin);
    observation.set(field::ambiguous, connection.known.ambiguous);
    return {connection.owner, std::move(observation)};
}

} // namespace minewarden::agent
