// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connections.h"
#include "agent/pipeline/cpu_share.h"
#include "common/result.h"

#include <functional>

namespace minewarden::agent {

/// Looks at the end of each window what the open connections have carried, and which of them have
/// ended without an event. Takes at most `most_cpu_ns` for one look, and a fiftieth of a core over
/// all of them.
class TrafficWatch {
  public:
    static constexpr std::uint64_t most_cpu_ns = 1'000'000'000;

    using OnCounts = std::function<void(std::span<const abi::flow_counts_record> counts)>;
    /// Reads the counts of all connections, for at most so much CPU time of this thread. Returns
    /// false if that was not enough for all of them.
    using Pull = std::function<Result<bool>(const OnCounts& on_counts, std::uint64_t most_cpu_ns)>;
    /// `connections` outlives this. An empty `pull`: this kernel cannot be asked. `sight`: what a
    /// complete pull shows. `cpu_time`: CPU time of this thread, in ns.
    TrafficWatch(Connections& connections, Pull pull, Connections::Sight sight,
                 std::function<std::uint64_t()> cpu_time = thread_cpu_ns)
        : connections_(connections),
          pull_(std::move(pull)),
          sight_(sight),
          cpu_time_(std::move(cpu_time)) {}

    /// Looks if there is budget for it, and if traffic is wanted or a connection matters. Returns
    /// the traffic if it is wanted.
    Connections::Observations end_window(BootTime now, bool is_wanted);

    /// Looks that did not get through all connections.
    [[nodiscard]] std::uint64_t unfinished() const { return unfinished_; }

  private:
    Connections& connections_;
    Pull pull_;
    Connections::Sight sight_;
    std::function<std::uint64_t()> cpu_time_;
    CpuShare share_{50};
    std::uint64_t unfinished_ = 0;
};

} // namespace minewarden::agent
