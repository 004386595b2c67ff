// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/process_observation.h"
#include "agent/processes/task_table.h"
#include "agent/windows/footprint.h"
#include "agent/windows/fp_mode_counts.h"
#include "common/clock.h"
#include "kernel/process_abi.h"
#include "rules/observation/observation.h"

#include <functional>
#include <optional>
#include <span>
#include <unordered_map>

namespace minewarden::agent {

/// CPU time that a living thread used in the last window.
struct ThreadGrowth {
    rules::ImageKey image;
    std::uint32_t thread_id = 0;
    std::uint64_t start_boottime_ns = 0; ///< of the thread
    std::uint64_t cpu_ns = 0;
};

/// Turns two pulls of the process table into observations of what each busy process and thread did
/// between them.
class WindowBuilder {
  public:
    /// `largest_ranges` is called only for processes whose rounding mode changed.
    explicit WindowBuilder(LargestRangesOf largest_ranges)
        : largest_ranges_(std::move(largest_ranges)) {}

    /// Closes the window that began with the last call. The first call only takes the baseline.
    /// Processes and threads below `report_permille` of a core are left out. So is a process that
    /// became another program without on_exec(), because its CPU time belongs to two images.
    std::vector<ProcessObservation> close_window(const TaskTable& table,
                                                 const FpModeCounts& fp_modes, BootTime now);

    /// What all processes together did in the window that close_window() closed last. CPU time of
    /// processes that it could not compare with an earlier pull is missing.
    [[nodiscard]] rules::Observation host_window(std::int64_t cpus) const;

    /// A process becomes another program. What it does from now on is the new image's. Returns what
    /// the image before, `old`, did since the last pull, if it was busy and that pull is at least
    /// `shortest_part_ns` ago. Values that only a pull has, and rounding modes, are missing.
    std::vector<ProcessObservation> on_exec(const rules::ImageKey& old,
                                            const abi::process_exec_event& event);

    /// CPU time of this thread that earlier windows have counted; 0 if it is another thread.
    [[nodiscard]] std::uint64_t counted_ns(std::uint32_t thread_id,
                                           std::uint64_t start_boottime_ns) const;
    /// CPU use of an image in the last window; 0 if nothing is known of it.
    [[nodiscard]] std::int64_t cpu_permille(const rules::ImageKey& image) const;
    /// Of a process in the last pull that runs this image; otherwise nullopt.
    [[nodiscard]] std::optional<Footprint> footprint(const rules::ImageKey& image) const;
    /// Every thread that used CPU in the last window. Valid until the next close_window().
    [[nodiscard]] std::span<const ThreadGrowth> thread_growth() const { return growth_; }

    static constexpr std::int64_t report_permille = 50;
    static constexpr std::uint64_t shortest_part_ns = 1'000'000'000;

  private:
    struct ThreadTotals {
        std::uint64_t start_boottime_ns = 0;
        std::uint64_t runtime_ns = 0;
        std::uint64_t user_ns = 0;
        std::uint64_t system_ns = 0;
        std::uint64_t voluntary = 0;
        std::uint64_t involuntary = 0;
        std::uint64_t pull = 0;
    };
    /// Bytes that a process moved since it started.
    struct MovedBytes {
        std::uint64_t read = 0; ///< by read(2) and the like, from anywhere
        std::uint64_t written = 0;
        std::uint64_t device_read = 0; ///< from and to block devices
        std::int64_t device_written = 0;
    };
    struct ProcessTotals {
        rules::ImageKey image;
        std::uint64_t runtime_ns = 0;
        MovedBytes moved;
        std::uint64_t pull = 0;
        std::int64_t cpu_permille = 0; ///< in the last window
        Footprint footprint;           ///< in the last pull
    };
    /// Sums over the threads of one process while a window is being closed.
    struct Sums;

    void add_thread(const abi::thread_record& thread, const FpModeCounts& fp_modes, Sums& sums);
    void finish_threads(Sums& sums, const Footprint& footprint, bool modes_changed) const;
    void set_moved(rules::Observation& observation, const MovedBytes& before,
                   const MovedBytes& now) const;
    [[nodiscard]] std::int64_t permille(std::uint64_t cpu_ns) const;
    [[nodiscard]] std::int64_t per_second(std::uint64_t count) const;
    [[nodiscard]] std::int64_t device_written_kib(const MovedBytes& before,
                                                  const MovedBytes& now) const;

    LargestRangesOf largest_ranges_;
    std::unordered_map<std::uint32_t, ProcessTotals> processes_; // by pid
    std::unordered_map<std::uint32_t, ThreadTotals> threads_;    // by thread id
    std::vector<ThreadGrowth> growth_;
    std::uint64_t host_cpu_ns_ = 0; ///< of the last window
    std::int64_t busy_processes_ = 0;
    std::uint64_t pulls_ = 0;
    BootTime last_;
    std::uint64_t closed_span_ns_ = 0; ///< length of the last window
    BootTime now_;
};

} // namespace minewarden::agent
