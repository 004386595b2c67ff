// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/watch/syscall_sampling.h"
#include "agent/watch/verdicts.h"
#include "agent/windows/window_builder.h"
#include "agent/windows/worker_windows.h"

namespace minewarden::agent {

/// Watches processes: takes their events and, at the end of each window, a pull of the process
/// table, and observes what each of them did. An image that departs is judged a last time before it
/// is forgotten, however short it lived.
class ProcessWatch {
  public:
    struct Pulls {
        /// Fills in the process table. Empty if this kernel cannot be asked.
        std::function<Result<void>(TaskTable& table)> tasks;
        /// The rounding modes that were sampled since the last call.
        std::function<FpModeCounts()> fp_modes;
        /// CPUs that are online.
        std::function<std::int64_t()> cpus;
    };
    /// The first three outlive this. `window`: the length of a window.
    ProcessWatch(ProcessTable& processes, Verdicts& verdicts, SyscallSampling& syscalls,
                 Pulls pulls, std::chrono::nanoseconds window);

    void on_exec(const abi::process_exec_event& event);
    void on_fork(const abi::process_fork_event& event);
    /// EVENT_PROCESS_EXIT or EVENT_THREAD_EXIT.
    void on_exit(const abi::process_exit_event& event);

    /// Observes the window that ends now. The first call only takes the baseline.
    void end_window(BootTime now);

    /// The programs that replace their workers.
    [[nodiscard]] WorkerWindows& workers() { return workers_; }
    /// Processes that no event had reported when a pull showed them.
    [[nodiscard]] std::uint64_t missed() const { return missed_; }

  private:
    void forget_departed();
    void observe_tasks(BootTime now);
    void observe_syscalls(BootTime now);

    ProcessTable& processes_;
    Verdicts& verdicts_;
    SyscallSampling& syscalls_;
    Pulls pulls_;
    WindowBuilder windows_;
    WorkerWindows workers_;
    TaskTable table_;
    bool has_baseline_ = false;
    std::uint64_t missed_ = 0;
};

} // namespace minewarden::agent
