// SPDX-License-Identifier: Apache-2.0
#include "agent/connections/connections.h"

#include "agent/connections/destination_observation.h"
#include "agent/flows/handshake_observation.h"

#include <algorithm>

namespace minewarden::agent {
namespace {

using rules::Direction;
using rules::MiningMessage;
using rules::Observation;

constexpr std::uint16_t dns_over_tls = 853; // RFC 7858
constexpr std::uint16_t https = 443;
/// Messages of one connection that may wait for its owner; more in one window add nothing.
constexpr std::size_t maximum_waiting = 32;

FlowCounts counts_of(const abi::flow_event& event) {
    return {event.bytes_sent, event.bytes_received, event.segments_sent, event.segments_received};
}

bool is_mining(const RecognisedMessage& message) {
    return std::holds_alternative<MiningMessage>(message.what);
}

bool is_bare_answer(const RecognisedMessage& message) {
    const auto* mining = std::get_if<MiningMessage>(&message.what);
    return mining != nullptr && mining->is_bare_answer();
}

rules::StreamStart start_of(const abi::flow_event& event) {
    return (event.flags & abi::FLOW_IN_MIDDLE) != 0 ? rules::StreamStart::middle
                                                    : rules::StreamStart::beginning;
}

} // namespace

Connections::Connections(const ProcessTable& processes,
                         std::shared_ptr<const rules::IndicatorSet> indicators, std::size_t most)
    : processes_(processes), names_(std::move(indicators)), table_(most) {
}

Connection& Connections::claim(std::uint64_t flow_id) {
    if (Connection* known = table_.find(flow_id)) return *known;
    if (table_.is_full()) {
        forget(table_.most_dispensable());
        ++forgotten_;
    }
    reading_.begin(flow_id, rules::StreamStart::beginning);
    return table_.add(flow_id);
}

void Connections::forget(Connection& connection) {
    const std::uint64_t flow_id = connection.flow.id;
    owners_.forget(connection);
    reading_.forget(flow_id);
    answers_.forget(flow_id);
    becoming_conversations_.erase({connection.owner.pid, flow_id});
    table_.erase(flow_id);
}

void Connections::add(Observations& to, const abi::subject_id& owner, Observation observation) {
    if (const auto image = processes_.image_of(owner))
        to.push_back({*image, std::move(observation)});
    else if (!rules::spec_of(observation.type).per_window())
        ++owners_gone_;
}

Connections::Observations Connections::on_open(const abi::flow_event& event) {
    Observations observations;
    Connection& connection = claim(event.flow_id);
    if (connection.open_seen) {
        reopen(connection, event);
        join_destination(connection, event, observations);
        return observations;
    }
    connection.open_seen = true;
    connection.payload_skipped = (event.flags & abi::FLOW_PAYLOAD_SKIPPED) != 0;
    connection.flow.remote_address = IpAddress::from_bytes(event.remote_address);
    connection.flow.remote_port = event.remote_port;
    connection.flow.opened = {event.header.boottime_ns};
    if (connection.payload_skipped)
        reading_.stop(event.flow_id);
    else if (start_of(event) == rules::StreamStart::middle)
        reading_.begin(event.flow_id, rules::StreamStart::middle);
    if (start_of(event) == rules::StreamStart::middle)
        connection.traffic.begin_at(counts_of(event));
    owners_.on_open(connection, event);
    if (connection.owner.pid != 0) release(connection, observations);
    if (event.remote_port == dns_over_tls ||
        (event.remote_port == https &&
         names_.lists().is_encrypted_resolver(connection.flow.remote_address)))
        ++encrypted_resolvers_;
    join_destination(connection, event, observations);
    return observations;
}

// Either the connection is captured again as asked, or there is budget for it now, or two CPUs
// reported it at once; the last changes nothing.
void Connections::reopen(Connection& connection, const abi::flow_event& event) {
    const bool again = (event.flags & abi::FLOW_READ_AGAIN) != 0;
    const bool skipped = (event.flags & abi::FLOW_PAYLOAD_SKIPPED) != 0;
    if (!again && (!connection.payload_skipped || skipped)) return;
    connection.payload_skipped = false;
    reading_.begin(event.flow_id, start_of(event), connection.session.has_begun());
}

void Connections::join_destination(Connection& connection, const abi::flow_event& event,
                                   Observations& to) {
    // Accepted, or older than the agent: no process here is known to have asked for the address.
    if (event.owner.pid == 0) return;
    const BootTime time{event.header.boottime_ns};
    const auto known = names_.find(connection.flow.remote_address,
                                   {to_image(event.owner), event.network_namespace}, time);
    if (!known) return;
    connection.destination = std::make_unique<KnownDestination>(*known);
    if (connection.owner.pid != 0)
        add(to, connection.owner, observe_destination(connection.flow, *known, time));
}

Connections::Observations Connections::on_payload(const abi::flow_payload_event& event,
                                                  ByteView data) {
    Connection& connection = claim(event.flow_id);
    connection.missing_looks = 0;
    const auto direction =
        event.direction == abi::FLOW_SENT ? Direction::sent : Direction::received;
    const BootTime time{event.header.boottime_ns};
    auto recognised = reading_.feed(event.flow_id, direction, event.offset, data, time);
    for (RecognisedMessage& each : recognised)
        if (const auto* message = std::get_if<MiningMessage>(&each.what))
            each.is_answer = connection.session.hear(*message, direction, time);
    std::erase_if(recognised, is_bare_answer);
    Observations observations;
    if (std::ranges::any_of(recognised, is_mining) &&
        connection.session.role() == MiningRole::other) {
        // The connection only tells of mining. What waits of that is taken back.
        std::erase_if(connection.waiting, is_mining);
        std::erase_if(recognised, is_mining);
        if (connection.session.has_begun() && connection.owner.pid != 0)
            add(observations, connection.owner,
                connection.session.observe_transcript(connection.flow, direction, time));
    }
    for (RecognisedMessage& each : recognised) take(connection, std::move(each), observations);
    look_at_conversation(connection, time, observations);
    return observations;
}

void Connections::look_at_conversation(Connection& connection, BootTime now, Observations& to) {
    if (!connection.session.may_observe_conversation()) return;
    if (owners_.has_ended_owner(connection)) {
        owners_.disown_if_ended(connection);
        owners_.wait(connection); // the conversation is of the process that holds it now
    }
    const bool is_observed = connection.open_seen && connection.owner.pid != 0 &&
                             connection.session.has_begun() && owner_speaks(connection) &&
                             connection.session.is_conversation(now);
    if (!is_observed) {
        becoming_conversations_.emplace(connection.owner.pid, connection.flow.id);
        return;
    }
    becoming_conversations_.erase({connection.owner.pid, connection.flow.id});
    add(to, connection.owner, connection.session.observe_conversation(connection.flow, now));
}

/// False if the owner has become another program that has not sent anything yet: it only holds what
/// the one before it has left open.
bool Connections::owner_speaks(const Connection& connection) const {
    const auto image = processes_.image_of(connection.owner);
    return !connection.speaker || !image || image->image == *connection.speaker;
}

Connections::Observations Connections::conversations(BootTime now) {
    Observations observations;
    const auto becoming = std::exchange(becoming_conversations_, {});
    for (const auto& [pid, flow_id] : becoming)
        if (Connection* connection = table_.find(flow_id))
            look_at_conversation(*connection, now, observations);
    return observations;
}

Connections::Observations Connections::conversations_of(std::uint32_t pid, BootTime now) {
    Observations observations;
    std::vector<std::uint64_t> flows;
    for (auto at = becoming_conversations_.lower_bound({pid, 0});
         at != becoming_conversations_.end() && at->first == pid; ++at)
        flows.push_back(at->second);
    for (const std::uint64_t flow_id : flows)
        if (Connection* connection = table_.find(flow_id))
            look_at_conversation(*connection, now, observations);
    return observations;
}

void Connections::take(Connection& connection, RecognisedMessage message, Observations& to) {
    owners_.disown_if_ended(connection);
    if (connection.open_seen && connection.owner.pid != 0) {
        add(to, connection.owner, observe(connection, message));
    } else if (connection.waiting.size() < maximum_waiting) {
        connection.waiting.push_back(std::move(message));
        if (connection.open_seen) owners_.wait(connection);
    }
}

void Connections::release(Connection& connection, Observations& to) {
    for (const RecognisedMessage& message : std::exchange(connection.waiting, {}))
        add(to, connection.owner, observe(connection, message));
}

Observation Connections::observe(Connection& connection, const RecognisedMessage& message) {
    if (const auto* handshake = std::get_if<rules::NodeHandshake>(&message.what))
        return observe_handshake(connection.flow, *handshake, message.direction, message.time);
    const auto& mining = std::get<MiningMessage>(message.what);
    connection.session.count(mining, message.direction);
    if (message.direction == Direction::sent)
        if (const auto image = processes_.image_of(connection.owner))
            connection.speaker = image->image;
    reading_.keep(connection.flow.id);
    return connection.session.observe_message(connection.flow, mining, message.direction,
                                              count_work(connection, message), message.time);
}

WorkRequests::Counts Connections::count_work(const Connection& connection,
                                             const RecognisedMessage& message) {
    const std::string_view name = std::get<MiningMessage>(message.what).message;
    const IpAddress& address = connection.flow.remote_address;
    if (name == "get_work")
        return work_requests_.count_request(connection.owner, address, message.time);
    if (name == "work" && message.is_answer)
        return work_requests_.count_answer(connection.owner, address, message.time);
    if (name == "work" || name == "submit")
        return work_requests_.counts_of(connection.owner, address, message.time);
    return {};
}

Connections::Observations Connections::on_close(const abi::flow_event& event) {
    Observations observations;
    Connection* connection = table_.find(event.flow_id);
    if (connection == nullptr) {
        answers_.forget(event.flow_id);
        return observations;
    }
    if (owners_.settle_at_end(*connection)) release(*connection, observations);
    look_at_conversation(*connection, {event.header.boottime_ns}, observations);
    connection->traffic.set_totals(counts_of(event));
    if (connection->owner.pid != 0 && !connection->traffic.is_quiet())
        add(observations, connection->owner,
            connection->traffic.take(connection->flow, {event.header.boottime_ns}, true));
    forget(*connection);
    return observations;
}

Connections::Observations Connections::settle_holders(bool complete, BootTime asked) {
    Observations observations;
    const ConnectionOwners::Settled settled = owners_.settle(complete, asked);
    for (Connection* connection : settled.owned) release(*connection, observations);
    for (const Connection* connection : settled.given_up) reading_.stop(connection->flow.id);
    return observations;
}

void Connections::on_counts(std::span<const abi::flow_counts_record> counts) {
    for (const abi::flow_counts_record& record : counts) {
        Connection* connection = table_.find(record.flow_id);
        if (connection == nullptr) continue;
        connection->last_look = look_;
        connection->missing_looks = 0;
        connection->traffic.set_totals({record.bytes_sent, record.bytes_received,
                                        record.segments_sent, record.segments_received});
    }
}

Connections::Observations Connections::traffic(BootTime now) {
    Observations observations;
    for (Connection& connection : table_.all()) {
        if (connection.last_look != look_ || connection.owner.pid == 0 ||
            connection.traffic.is_quiet())
            continue;
        add(observations, connection.owner, connection.traffic.take(connection.flow, now, false));
    }
    return observations;
}

void Connections::forget_ended(Sight sight, BootTime asked) {
    // The end of one that was just closed may still be in the ring, so one look is not enough.
    constexpr unsigned looks_for_good = 2;
    auto& all = table_.all();
    for (auto next = all.begin(); next != all.end();) {
        Connection& connection = *next++;
        if (!connection.open_seen || connection.flow.opened >= asked ||
            connection.last_look == look_ || ++connection.missing_looks < looks_for_good)
            continue;
        if (sight == Sight::held_sockets && connection.missing_looks < looks_until_forgotten &&
            connection.owner.pid != 0 && !owners_.has_ended_owner(connection)) {
            if (connection.missing_looks == looks_for_good) reading_.queue(connection.flow.id);
            continue;
        }
        forget(connection);
        ++ends_missed_;
    }
}

Connections::Observations Connections::sessions(BootTime now) {
    Observations observations;
    for (const Connection& connection : table_.all())
        if (connection.session.has_begun() && connection.owner.pid != 0 && owner_speaks(connection))
            add(observations, connection.owner,
                connection.session.observe_session(connection.flow, now));
    return observations;
}

Connections::Observations Connections::destinations(BootTime now) {
    Observations observations;
    for (const Connection& connection : table_.all()) {
        if (connection.destination == nullptr || connection.owner.pid == 0) continue;
        KnownDestination destination = *connection.destination;
        // It may have turned out since that others share the address.
        destination.ambiguous = names_.is_ambiguous(connection.flow.remote_address);
        add(observations, connection.owner, observe_destination(connection.flow, destination, now));
    }
    return observations;
}

bool Connections::has_any_that_matters() const {
    return std::ranges::any_of(table_.all(), &Connection::matters);
}

void Connections::queue_again(std::span<const std::uint64_t> flow_ids) {
    for (const std::uint64_t flow_id : flow_ids)
        if (table_.find(flow_id) != nullptr) reading_.queue(flow_id);
}

} // namespace minewarden::agent
