// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/connections/connections.h"
#include "agent/pipeline/cpu_share.h"
#include "common/result.h"

#include <functional>

namespace minewarden::agent {

/// Searches for the owners of connections that need one: goes through all descriptors of the host,
/// however many connections wait, and lets Connections choose among the holders.
///
/// Any process can make millions of descriptors. So one search takes at most `most_cpu_ns`, and all
/// of them together at most a fiftieth of a core.
class OwnerSearch {
  public:
    static constexpr std::uint64_t most_cpu_ns = 1'000'000'000;

    using OnHolders = std::function<void(std::span<const abi::flow_holder_record> holders)>;
    /// Goes through all descriptors, for at most so much CPU time of this thread. Returns false if
    /// that was not enough for all of them.
    using Pull =
        std::function<Result<bool>(const OnHolders& on_holders, std::uint64_t most_cpu_ns)>;
    /// `connections` outlives this. An empty `pull`: this kernel cannot be asked. `rest`: how long
    /// to wait after a failure. `cpu_time`: CPU time of this thread, in ns.
    OwnerSearch(Connections& connections, Pull pull, std::chrono::nanoseconds rest,
                std::function<std::uint64_t()> cpu_time = thread_cpu_ns)
        : connections_(connections),
          pull_(std::move(pull)),
          rest_ns_(static_cast<std::uint64_t>(rest.count())),
          cpu_time_(std::move(cpu_time)) {}

    /// Searches if there is budget for it. Listeners are learnt, too. Returns what was waiting for
    /// an owner.
    Connections::Observations search(BootTime now);
    /// The same if a connection waits for its owner.
    Connections::Observations search_if_awaited(BootTime now);
    /// At the end of a window: takes connections from owners that have ended, and searches if one
    /// waits. `for_all`: also if a connection without owner does not wait for one.
    Connections::Observations end_window(BootTime now, bool for_all);

    /// Searches that did not get through all descriptors.
    [[nodiscard]] std::uint64_t unfinished() const { return unfinished_; }

  private:
    Connections& connections_;
    Pull pull_;
    std::uint64_t rest_ns_;
    std::function<std::uint64_t()> cpu_time_;
    CpuShare share_{50};
    std::uint64_t unfinished_ = 0;
};

} // namespace minewarden::agent
