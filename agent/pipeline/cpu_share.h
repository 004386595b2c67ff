// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"

namespace minewarden::agent {

/// Keeps repeated work below a share of one core, however long one piece of it takes: after a
/// piece, the next one waits until the piece is at most that share of the time since it began.
/// Counts CPU time, because a piece that waits for a busy CPU costs nothing.
class CpuShare {
  public:
    /// `one_in` 50: at most a fiftieth of a core.
    explicit CpuShare(std::uint64_t one_in) : one_in_(one_in) {}

    [[nodiscard]] bool is_due(BootTime now) const { return now >= next_; }
    /// A piece of work that began at `began` took `cpu_ns` of CPU time.
    void spend(BootTime began, std::uint64_t cpu_ns) { next_ = {began.ns + cpu_ns * one_in_}; }
    /// No work is due before `time`.
    void rest_until(BootTime time) { next_ = time; }

  private:
    std::uint64_t one_in_;
    BootTime next_;
};

} // namespace minewarden::agent
