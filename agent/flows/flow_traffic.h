// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/flows/flow.h"
#include "rules/observation/observation.h"

#include <cstdint>

namespace minewarden::agent {

/// What a connection has carried since it was opened.
struct FlowCounts {
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint32_t segments_sent = 0;
    std::uint32_t segments_received = 0;
    bool operator==(const FlowCounts&) const = default;
};

/// Turns the totals of a connection into what it carried since the last observation.
class FlowTraffic {
  public:
    /// What the connection carried before the agent saw it belongs to no window.
    void begin_at(const FlowCounts& totals) { totals_ = reported_ = totals; }
    void set_totals(const FlowCounts& totals) { totals_ = totals; }
    /// True if it has carried nothing since the last observation.
    [[nodiscard]] bool is_quiet() const { return totals_ == reported_; }

    /// A flow.window observation of what was carried since the last call.
    rules::Observation take(const Flow& flow, BootTime now, bool closed);

  private:
    FlowCounts totals_;
    FlowCounts reported_;
};

} // namespace minewarden::agent
