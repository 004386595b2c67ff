// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace minewarden::agent {

/// Finds spans of time in which no thread of the host can have become hot, so that no scan is
/// needed.
class HostLoad {
  public:
    /// True if all CPUs together used less than `hot_permille` of one core since the last call, but
    /// at most four times in a row: with nohz=off the kernel counts idle time by sampling, and a
    /// process could hide between the samples. `idle` as read_idle_time() returns it.
    bool was_idle(BootTime now, std::optional<std::chrono::nanoseconds> idle, std::uint64_t cpus);

  private:
    static constexpr int maximum_in_a_row = 4;

    BootTime last_;
    std::optional<std::chrono::nanoseconds> last_idle_;
    int in_a_row_ = 0;
};

} // namespace minewarden::agent
