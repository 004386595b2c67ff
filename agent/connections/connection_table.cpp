// SPDX-License-Identifier: Apache-2.0
#include "agent/connections/connection_table.h"

namespace minewarden::agent {

// A pool session is old. New connections that say nothing must not push it out.
Connection& ConnectionTable::most_dispensable() {
    constexpr int most_passed_over = 64;
    auto chosen = connections_.begin();
    for (int i = 0; i < most_passed_over && chosen->matters(); ++i)
        if (++chosen == connections_.end()) return connections_.front();
    return *chosen;
}

Connection& ConnectionTable::add(std::uint64_t flow_id) {
    Connection& connection = connections_.emplace_back();
    connection.flow.id = flow_id;
    by_id_.emplace(flow_id, std::prev(connections_.end()));
    return connection;
}

void ConnectionTable::erase(std::uint64_t flow_id) {
    const auto found = by_id_.find(flow_id);
    if (found == by_id_.end()) return;
    connections_.erase(found->second);
    by_id_.erase(found);
}

} // namespace minewarden::agent
