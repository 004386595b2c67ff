// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connection_table.h"
#include "agent/flows/holder_search.h"
#include "agent/flows/listeners.h"
#include "agent/processes/process_table.h"
#include "kernel/flow_abi.h"
#include "kernel/flow_holders_abi.h"

#include <map>
#include <set>
#include <span>

namespace minewarden::agent {

/// Keeps the owner of each connection up to date.
///
/// A connection that this host opened has its owner from the start. One that was accepted, or is
/// older than the agent, has none at first; one whose owner has ended has none any more. When
/// something was recognised on such a connection, the processes that hold its descriptor are
/// searched for (on_holders(), settle()), and choose_owner() decides. If no process holds it, the
/// process that listened on its port is the owner.
class ConnectionOwners {
  public:
    /// Both outlive this.
    ConnectionOwners(ConnectionTable& connections, const ProcessTable& processes)
        : connections_(connections), processes_(processes) {}

    /// The opening of the connection was reported for the first time.
    void on_open(Connection& connection, const abi::flow_event& event);
    void on_listener(const abi::flow_event& event);
    /// The connection is about to be erased.
    void forget(const Connection& connection);

    /// Takes the connection from its owner if that has ended.
    void disown_if_ended(Connection& connection);
    /// The same of all connections that matter. They wait for an owner from then on, and disputed
    /// ones wait again.
    void disown_ended();
    [[nodiscard]] bool has_ended_owner(const Connection& connection) const;

    /// Something that was recognised on the connection waits for its owner.
    void wait(const Connection& connection) { awaiting_.insert(connection.flow.id); }
    /// True if a connection waits for its owner: search for the holders.
    [[nodiscard]] bool is_awaited() const { return !awaiting_.empty(); }
    /// True if an open connection has no known owner.
    [[nodiscard]] bool has_unowned() const { return unowned_ > 0; }

    /// A search for holders found some of them. The same holder may come several times.
    void on_holders(std::span<const abi::flow_holder_record> holders);
    struct Settled {
        std::vector<Connection*> owned;    ///< the owner has become known
        std::vector<Connection*> given_up; ///< no process was found for too long
    };
    /// The search has ended. `complete`: it saw every descriptor of the host as of `asked`.
    Settled settle(bool complete, BootTime asked);
    /// The connection ends without a known owner. Returns true if the process that listened on its
    /// port is its owner now.
    bool settle_at_end(Connection& connection);

    /// Recognised messages of connections whose owner was not found.
    [[nodiscard]] std::uint64_t unattributed() const { return unattributed_; }
    [[nodiscard]] const Listeners& listeners() const { return listeners_; }

  private:
    void set_owner(Connection& connection, const abi::subject_id& owner);
    /// Chooses among all holders of the connection. Returns true if one of them is the owner.
    bool settle_among(Connection& connection, std::span<const abi::subject_id> holders);
    void take_listeners(bool complete, BootTime asked);
    /// Counts and drops what waited on the connection.
    void drop_waiting(Connection& connection);

    ConnectionTable& connections_;
    const ProcessTable& processes_;
    Listeners listeners_;
    std::set<std::uint64_t> awaiting_; ///< flow ids of connections that wait for an owner
    std::size_t unowned_ = 0;          ///< open connections without owner
    HolderSearch search_;
    std::map<ListeningPlace, Listeners::Listener> found_listeners_; ///< by the running search
    std::uint64_t unattributed_ = 0;
};

} // namespace minewarden::agent
