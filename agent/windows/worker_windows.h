// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/fork_lineage.h"
#include "agent/windows/footprint.h"
#include "agent/windows/fp_mode_counts.h"
#include "agent/windows/window_builder.h"
#include "kernel/process_abi.h"

#include <chrono>
#include <map>
#include <set>

namespace minewarden::agent {

/// Adds up what the short-lived workers of a program did in a window: young threads, and young
/// forks that did not exec, whether they live or have ended. A program that replaces its threads
/// every few seconds, or forks a child for each batch of work, shows here what none of its threads
/// shows in its short life.
///
/// Work is credited as ForkLineage::credited() says. A worker is young for `young_windows`; one
/// that lives longer is judged for itself.
class WorkerWindows {
  public:
    /// `lineage` outlives this object.
    WorkerWindows(const ForkLineage& lineage, std::chrono::nanoseconds window)
        : lineage_(lineage),
          young_ns_(young_windows * static_cast<std::uint64_t>(window.count())) {}

    /// A thread that used 10 ms of CPU or more has ended (EVENT_THREAD_EXIT, EVENT_PROCESS_EXIT).
    /// `counted_ns`: the CPU time of it that earlier windows have counted. Call this before the
    /// lineage learns of the end.
    void on_exit(const abi::process_exit_event& event, std::uint64_t counted_ns);

    /// Asked for the processes of a program that live. Empty functions: not known.
    struct Memory {
        std::function<std::optional<Footprint>(const rules::ImageKey&)> footprint;
        LargestRangesOf largest_ranges;
    };
    /// Observations of the window that ends now, of programs that had a worker end within the last
    /// `remembered_windows`. `living`: WindowBuilder::thread_growth().
    std::vector<ProcessObservation> close_window(std::span<const ThreadGrowth> living,
                                                 const FpModeCounts& fp_modes, BootTime now,
                                                 const Memory& memory = {});

    /// Programs whose ended workers used at least `hot_permille` of a core between two of the last
    /// calls: all workers that they start are worth sampling from the first moment on. Call this
    /// every two seconds.
    const std::set<rules::ImageKey>& update_churning(BootTime now);
    [[nodiscard]] const std::set<rules::ImageKey>& churning() const { return churning_; }
    void forget(const rules::ImageKey& image);

    static constexpr std::uint64_t young_windows = 6;
    static constexpr std::uint64_t remembered_windows = 5;

  private:
    struct Account {
        // In the running window:
        std::int64_t ended = 0;
        std::uint64_t cpu_ns = 0;
        std::uint64_t life_ns = 0;
        FpModeCount fp;
        // Over several windows:
        std::uint64_t last_ended_window = 0;
        std::uint64_t cpu_since_scan_ns = 0;
        std::uint32_t quiet_scans = keep_scans;
    };
    using Thread = std::pair<std::uint32_t, std::uint64_t>; ///< id and start

    [[nodiscard]] std::optional<rules::ImageKey> credited(const rules::ImageKey& image,
                                                          std::uint32_t thread_id,
                                                          std::uint64_t start_boottime_ns,
                                                          BootTime young_since) const;

    static constexpr std::uint32_t keep_scans = 8;

    const ForkLineage& lineage_;
    std::uint64_t young_ns_;
    std::map<rules::ImageKey, Account> accounts_;
    std::map<rules::ImageKey, rules::ImageKey> ended_processes_; ///< in this window; credited to
    std::set<Thread> ended_threads_;                             ///< in this window
    std::set<rules::ImageKey> churning_;
    std::uint64_t windows_ = 1;
    BootTime last_window_;
    BootTime last_scan_;
};

} // namespace minewarden::agent
