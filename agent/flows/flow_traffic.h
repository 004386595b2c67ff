// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "common/ip_address.h"
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

/// Turns totals into what was carried since they were last asked for.
class FlowTraffic {
  public:
    /// What was carried before is nobody's window.
    void begin_at(const FlowCounts& totals) { totals_ = reported_ = totals; }
    void set_totals(const FlowCounts& totals) { totals_ = totals; }
    [[nodiscard]] bool is_quiet() const { return totals_ == reported_; }

    struct Flow {
        std::uint64_t id = 0;
        IpAddress remote_address;
        std::uint16_t remote_port = 0;
        bool accepted = false;
        BootTime opened;
    };
    /// A flow.window observation of what was carried since the last call.
    rules::Observation take(const Flow& flow, BootTime now, bool closed);

  private:
    FlowCounts totals_;
    FlowCounts reported_;
};

} // namespace minewarden::agent
