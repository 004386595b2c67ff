// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/process_table.h"
#include "agent/windows/host_load.h"
#include "agent/windows/hot_threads.h"
#include "agent/windows/worker_windows.h"
#include "common/result.h"

#include <functional>

namespace minewarden::agent {

/// Chooses the threads whose rounding mode is sampled: those that use CPU now, and all threads of
/// programs that replace their workers, with their forks. Looks for busy threads every two seconds,
/// but not while the host is idle.
class HotThreadWatch {
  public:
    /// What it needs to know of the host.
    struct Host {
        /// Runtimes of all threads; valid until the next call. Empty if this kernel cannot be
        /// asked.
        std::function<Result<std::span<const abi::thread_runtime_record>>()> runtimes;
        /// As read_idle_time().
        std::function<std::optional<std::chrono::nanoseconds>()> idle_time;
        std::uint64_t cpus = 1;
    };
    /// From now on exactly these are sampled; processes by id and start.
    using Sample =
        std::function<void(std::vector<ThreadKey> threads, std::vector<ThreadKey> processes)>;
    /// `workers` and `processes` outlive this.
    HotThreadWatch(WorkerWindows& workers, const ProcessTable& processes, Host host, Sample sample)
        : workers_(workers),
          processes_(processes),
          host_(std::move(host)),
          sample_(std::move(sample)) {}

    static constexpr std::uint64_t ticks_per_scan = 8;
    /// Call it four times a second.
    void tick(BootTime now);

  private:
    void scan(BootTime now);
    void choose();
    /// The programs that replace their workers, and their forks.
    [[nodiscard]] std::vector<ThreadKey> churning_processes() const;

    WorkerWindows& workers_;
    const ProcessTable& processes_;
    Host host_;
    Sample sample_;
    HotThreads hot_threads_;
    HostLoad host_load_;
    std::vector<ThreadKey> hot_; ///< by the last scan
    std::uint64_t ticks_ = 0;
};

} // namespace minewarden::agent
