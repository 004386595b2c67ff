// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/bpf/context.h"
#include "agent/sources/capability.h"
#include "agent/visibility/place.h"
#include "common/bytes.h"

#include <minewarden.pb.h>
#include <vector>

namespace minewarden::agent {

/// What a heartbeat says of the agent: what it covers, what it missed, and what it has in hand.
struct AgentState {
    std::uint64_t uptime_ns = 0;
    Digest rule_set;
    std::uint64_t windows = 0; ///< judged since the start
    std::size_t open_findings = 0;
    std::vector<Capability> capabilities;
    std::vector<ErrorCount> kernel_errors;
    PlaceCounts counts;
};

/// Adds what the agent can see, or cannot.
void add_capability(wire::Heartbeat& heartbeat, const Capability& capability);

/// The heartbeat of this moment, with the cost of this process. Stream and outbox are left to the
/// caller.
[[nodiscard]] wire::Heartbeat make_heartbeat(const AgentState& state);

} // namespace minewarden::agent
