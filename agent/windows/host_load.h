// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace minewarden::agent {

/// Tells spans in which no thread of the host can have become hot, so that nobody needs to look.
class HostLoad {
  public:
    /// True if all CPUs together used less than `hot_permille` of one core since the last call.
    /// Says so at most four times in a row: with nohz=off the kernel counts idle time by sampling,
    /// and a process could hide between the samples. `idle` as read_idle_time() gives it.
    bool was_idle(BootTime now, std::optional<std::chrono::nanoseconds> idle, std::uint64_t cpus);

  private:
    static constexpr int most_in_a_row = 4;

    BootTime last_;
    std::optional<std::chrono::nanoseconds> last_idle_;
    int in_a_row_ = 0;
};

} // namespace minewarden::agent
