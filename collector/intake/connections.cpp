// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/connections.h"

#include <algorithm>

namespace minewarden::collector {

Connection& Connections::of(const CurvePublicKey& agent, std::string_view routing_id) {
    std::list<Connection>& connections = agents_[agent];
    const auto found = std::ranges::find(connections, routing_id, &Connection::routing_id);
    if (found != connections.end()) {
        connections.splice(connections.begin(), connections, found);
    } else {
        connections.push_front({std::string(routing_id), {}, false, false});
        if (connections.size() > per_agent) connections.pop_back();
    }
    return connections.front();
}

} // namespace minewarden::collector
