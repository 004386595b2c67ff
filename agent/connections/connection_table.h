// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connection.h"

#include <list>
#include <unordered_map>

namespace minewarden::agent {

/// The open connections by flow id, at most `maximum`. A reference to a connection is valid until
/// it is erased.
class ConnectionTable {
  public:
    explicit ConnectionTable(std::size_t maximum) : maximum_(maximum) {}

    /// Returns nullptr if there is none.
    [[nodiscard]] Connection* find(std::uint64_t flow_id) {
        const auto found = by_id_.find(flow_id);
        return found == by_id_.end() ? nullptr : &*found->second;
    }
    [[nodiscard]] bool is_full() const { return connections_.size() >= maximum_; }
    /// The connection that can best be spared: the oldest one, but up to 64 that matter are passed
    /// over. REQUIRES: size() > 0
    [[nodiscard]] Connection& most_dispensable();

    /// REQUIRES: there is none with this id, and !is_full()
    Connection& add(std::uint64_t flow_id);
    void erase(std::uint64_t flow_id);

    [[nodiscard]] std::size_t size() const { return connections_.size(); }
    /// All connections, oldest first.
    [[nodiscard]] std::list<Connection>& all() { return connections_; }
    [[nodiscard]] const std::list<Connection>& all() const { return connections_; }

  private:
    std::size_t maximum_;
    std::list<Connection> connections_; ///< oldest first
    std::unordered_map<std::uint64_t, std::list<Connection>::iterator> by_id_;
};

} // namespace minewarden::agent
