// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/subject_observation.h"
#include "agent/processes/task_table.h"
#include "agent/windows/fp_mode_counts.h"
#include "common/clock.h"
#include "kernel/process_abi.h"
#include "rules/observation/observation.h"

#include <functional>
#include <optional>
#include <span>
#include <unordered_map>

namespace minewarden::agent {

/// CPU that a living thread used in the window that was closed last.
struct ThreadGrowth {
    rules::ImageKey image;
    std::uint32_t thread_id = 0;
    std::uint64_t start_boottime_ns = 0; ///< of the thread
    std::uint64_t cpu_ns = 0;
};

/// Turns two pulls of the process table into what each busy process and thread did between them.
class WindowBuilder {
  public:
    /// MiB of the largest mapping of a process that is no file. Asked only for processes whose
    /// rounding mode moved.
    using LargestMapping = std::function<std::optional<std::int64_t>(const rules::ImageKey&)>;
    explicit WindowBuilder(LargestMapping largest_mapping)
        : largest_mapping_(std::move(largest_mapping)) {}

    /// Closes the window that began with the last call; the first call only takes the baseline.
    /// Processes and threads under `report_permille` of a core are left out. A process that changed
    /// its program in the window is split by on_exec(); without that it is left out, for its CPU
    /// belongs to two images.
    std::vector<SubjectObservation> close_window(const TaskTable& table,
                                                 const FpModeCounts& fp_modes, BootTime now);

    /// A process becomes another program: what follows is the new image's. Returns what the image
    /// before, `old`, did since the last pull, if it was busy and that was `shortest_part_ns` ago
    /// or more. Unknown of such a part: what only a pull tells, and the rounding modes.
    std::vector<SubjectObservation> on_exec(const rules::ImageKey& old,
                                            const abi::process_exec_event& event);

    /// CPU that pulls have told of this thread, 0 if it is another one. For threads that end.
    [[nodiscard]] std::uint64_t counted_ns(std::uint32_t thread_id,
                                           std::uint64_t start_boottime_ns) const;
    /// CPU of an image in the last window, 0 if nothing is known of it.
    [[nodiscard]] std::int64_t cpu_permille(const rules::ImageKey& image) const;
    /// Every thread that used CPU in the last window; valid until the next close_window().
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
        std::uint64_t read_bytes = 0;
        std::uint64_t written_bytes = 0;
        std::uint64_t pull = 0;
    };
    struct ProcessTotals {
        rules::ImageKey image;
        std::uint64_t runtime_ns = 0;
        std::uint64_t read_bytes = 0;
        std::uint64_t written_bytes = 0;
        std::uint64_t pull = 0;
        std::int64_t cpu_permille = 0; ///< in the last window
    };
    /// Sums over the threads of one process while a window is being closed.
    struct Sums;

    void add_thread(const abi::thread_record& thread, const FpModeCounts& fp_modes, Sums& sums);
    void add_mapping(Sums& sums) const;
    [[nodiscard]] std::int64_t permille(std::uint64_t cpu_ns) const;
    [[nodiscard]] std::int64_t per_second(std::uint64_t count) const;

    LargestMapping largest_mapping_;
    std::unordered_map<std::uint32_t, ProcessTotals> processes_; // by pid
    std::unordered_map<std::uint32_t, ThreadTotals> threads_;    // by thread id
    std::vector<ThreadGrowth> growth_;
    std::uint64_t pulls_ = 0;
    BootTime last_;
    BootTime now_;
};

} // namespace minewarden::agent
