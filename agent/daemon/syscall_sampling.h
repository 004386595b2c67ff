// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/syscalls/syscall_source.h"
#include "agent/windows/syscall_budget.h"
#include "rules/engine/engine.h"

#include <vector>

namespace minewarden::agent {

/// Counts syscalls of programs that evidence of another kind speaks against, as SyscallBudget
/// allows.
class SyscallSampling {
  public:
    /// `pause` as SyscallBudget::begin() takes it; `enabled` false: never count anything.
    SyscallSampling(bool enabled, std::chrono::nanoseconds pause)
        : enabled_(enabled), pause_(pause) {}

    /// A verdict that rests on protocol, compute or destination asks for its program's syscalls;
    /// one that ended does not any more. `lives`: the process of that name still runs the program.
    void on_verdict(const rules::VerdictChange& change, bool lives);
    void forget(const rules::ImageKey& image) { budget_.forget(image); }

    /// Begins and ends counting; call four times a second.
    void tick(SyscallSource& source, BootTime now);
    /// Detaches now if it counts.
    void stop(SyscallSource& source, BootTime now);
    /// What was counted since the last call.
    [[nodiscard]] std::vector<SyscallCounts> take() { return std::exchange(counted_, {}); }

  private:
    bool enabled_;
    std::chrono::nanoseconds pause_;
    SyscallBudget budget_;
    std::vector<SyscallCounts> counted_;
};

} // namespace minewarden::agent
