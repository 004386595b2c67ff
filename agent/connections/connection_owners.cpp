// SPDX-License-Identifier: Apache-2.0
#include "agent/connections/connection_owners.h"

#include <algorithm>

namespace minewarden::agent {
namespace {

/// A descriptor in flight (SCM_RIGHTS) or about to be accepted has no holder for a moment.
constexpr unsigned maximum_fruitless_searches = 4;

ListeningPlace place_of(const abi::flow_event& event) {
    return {event.network_namespace, event.local_port, IpAddress::from_bytes(event.local_address)};
}

} // namespace

void ConnectionOwners::on_open(Connection& connection, const abi::flow_event& event) {
    connection.owner = event.owner;
    if (event.owner.pid != 0) return;
    ++unowned_;
    connection.listener = listeners_.find(place_of(event));
    connection.flow.accepted = connection.listener.has_value();
    if (!connection.waiting.empty()) wait(connection);
}

void ConnectionOwners::on_listener(const abi::flow_event& event) {
    if (event.header.type == abi::EVENT_LISTEN_BEGIN)
        listeners_.add(place_of(event), {event.owner, event.flow_id, {event.header.boottime_ns}});
    else
        listeners_.remove(place_of(event), event.flow_id);
}

void ConnectionOwners::forget(const Connection& connection) {
    if (connection.open_seen && connection.owner.pid == 0) --unowned_;
    if (awaiting_.erase(connection.flow.id) > 0) unattributed_ += connection.waiting.size();
}

bool ConnectionOwners::has_ended_owner(const Connection& connection) const {
    return connection.open_seen && connection.owner.pid != 0 &&
           !processes_.is_alive(connection.owner);
}

void ConnectionOwners::disown_if_ended(Connection& connection) {
    if (!has_ended_owner(connection)) return;
    connection.previous_owner = connection.owner;
    connection.owner = {};
    connection.fruitless_searches = 0;
    ++unowned_;
}

void ConnectionOwners::disown_ended() {
    for (Connection& connection : connections_.all()) {
        if (connection.disputed) wait(connection); // some of its holders may have let go of it
        if (!connection.matters() || !has_ended_owner(connection)) continue;
        disown_if_ended(connection);
        wait(connection);
    }
}

void ConnectionOwners::set_owner(Connection& connection, const abi::subject_id& owner) {
    if (connection.owner.pid == 0) --unowned_;
    connection.owner = owner;
    connection.disputed = false;
    awaiting_.erase(connection.flow.id);
}

bool ConnectionOwners::settle_at_end(Connection& connection) {
    if (!connection.open_seen || connection.owner.pid != 0 || !connection.listener ||
        connection.disputed)
        return false;
    set_owner(connection, *connection.listener);
    return true;
}

void ConnectionOwners::on_holders(std::span<const abi::flow_holder_record> holders) {
    for (const abi::flow_holder_record& record : holders) {
        if (record.is_listener == 0) {
            const Connection* connection = connections_.find(record.flow_id);
            if (connection != nullptr && connection->open_seen && connection->owner.pid == 0)
                search_.add(record.flow_id, record.holder);
            continue;
        }
        if (found_listeners_.size() >= Listeners::maximum) continue;
        const ListeningPlace place{record.network_namespace, record.local_port,
                                   IpAddress::from_bytes(record.local_address)};
        const Listeners::Listener listener{record.holder, record.flow_id, {}};
        const auto [known, is_new] = found_listeners_.try_emplace(place, listener);
        if (!is_new && is_likelier(record.holder, known->second.subject)) known->second = listener;
    }
}

void ConnectionOwners::take_listeners(bool complete, BootTime asked) {
    std::set<ListeningPlace> seen;
    for (auto& [place, listener] : found_listeners_) {
        listener.since = asked;
        listeners_.add(place, listener);
        seen.insert(place);
    }
    if (complete && found_listeners_.size() < Listeners::maximum) listeners_.keep_only(seen, asked);
    found_listeners_.clear();
}

bool ConnectionOwners::settle_among(Connection& connection,
                                    std::span<const abi::subject_id> holders) {
    const auto choice = choose_owner(
        holders, connection.previous_owner ? connection.previous_owner : connection.listener,
        [this](const abi::subject_id& process, const abi::subject_id& ancestor) {
            return processes_.descends_from(process, ancestor);
        });
    connection.disputed = !choice;
    if (!choice) return false;
    if (choice->is_stranger) {
        drop_waiting(connection);
        connection.session.restart_counts();
    }
    set_owner(connection, choice->owner);
    return true;
}

void ConnectionOwners::drop_waiting(Connection& connection) {
    unattributed_ += connection.waiting.size();
    connection.waiting.clear();
}

ConnectionOwners::Settled ConnectionOwners::settle(bool complete, BootTime asked) {
    take_listeners(complete, asked);
    Settled settled;
    for (const auto& [flow_id, holders] : search_.found()) {
        Connection* connection = connections_.find(flow_id);
        if (connection != nullptr && settle_among(*connection, holders))
            settled.owned.push_back(connection);
    }
    search_.clear();
    const std::set<std::uint64_t> still_waiting = awaiting_;
    for (const std::uint64_t flow_id : still_waiting) {
        Connection& connection = *connections_.find(flow_id);
        if (++connection.fruitless_searches < maximum_fruitless_searches) continue;
        if (connection.disputed) {
            // No process can be named now. What it says next starts another search.
            if (connection.waiting.empty()) ++unattributed_;
            drop_waiting(connection);
            connection.fruitless_searches = 0;
            awaiting_.erase(flow_id);
        } else if (connection.listener) {
            set_owner(connection, *connection.listener);
            settled.owned.push_back(&connection);
        } else {
            drop_waiting(connection);
            awaiting_.erase(flow_id);
            settled.given_up.push_back(&connection);
        }
    }
    return settled;
}

} // namespace minewarden::agent
