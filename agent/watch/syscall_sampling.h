// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/windows/syscall_budget.h"
#include "agent/windows/syscall_counts.h"
#include "common/result.h"
#include "rules/verdict/record.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace minewarden::agent {

/// Counts the syscalls of programs against which other evidence speaks, for a second at a time, as
/// SyscallBudget allows.
class SyscallSampling {
  public:
    /// Counts the syscalls of one process from begin() to end(). Empty functions: it cannot, or
    /// must not.
    struct Counter {
        std::function<Result<void>(const rules::ImageKey& image, BootTime now)> begin;
        std::function<Result<SyscallCounts>(BootTime now)> end;
    };
    /// `pause` as in SyscallBudget::begin().
    SyscallSampling(Counter counter, std::chrono::nanoseconds pause)
        : counter_(std::move(counter)), pause_(pause) {}

    /// A verdict that rests on protocol, compute or destination evidence asks for the syscalls of
    /// its program; one that has ended does not ask any more, and one about another subject than
    /// a process never does. `runs`: the image runs now.
    void on_verdict(const rules::VerdictRecord& change, bool runs);
    /// The image is gone.
    void forget(const rules::ImageKey& image) { budget_.forget(image); }

    /// Begins and ends counting. Call it four times a second.
    void tick(BootTime now);
    /// Ends counting now.
    void stop(BootTime now);
    /// What was counted since the last call.
    [[nodiscard]] std::vector<SyscallCounts> take() { return std::exchange(counted_, {}); }

  private:
    Counter counter_;
    std::chrono::nanoseconds pause_;
    SyscallBudget budget_;
    std::optional<BootTime> began_; ///< set while it counts
    std::vector<SyscallCounts> counted_;
};

} // namespace minewarden::agent
