// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"

namespace minewarden::agent {

/// Keeps work that comes again and again below a share of one core, however long one piece of it
/// takes: after a piece, the next waits until the piece is no more than that share of the time that
/// passed. By CPU time, for a piece that waited for a busy CPU has cost nothing meanwhile.
class CpuShare {
  public:
    /// `one_in` 50: at most a fiftieth of a core.
    explicit CpuShare(std::uint64_t one_in) : one_in_(one_in) {}

    [[nodiscard]] bool is_due(BootTime now) const { return now >= next_; }
    /// A piece of work that began then took so much CPU time.
    void spend(BootTime began, std::uint64_t cpu_ns) { next_ = {began.ns + cpu_ns * one_in_}; }
    /// Nothing before then.
    void rest_until(BootTime time) { next_ = time; }

  private:
    std::uint64_t one_in_;
    BootTime next_;
};

} // namespace minewarden::agent
