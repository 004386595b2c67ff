// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/thread_key.h"
#include "common/clock.h"
#include "kernel/task_abi.h"

#include <span>
#include <unordered_map>
#include <vector>

namespace minewarden::agent {

/// A thread is worth sampling from this share of a core on.
inline constexpr std::uint64_t hot_permille = 100;

/// Finds the threads that use CPU now, by comparing their runtimes every two seconds. So a miner
/// that starts in the middle of a window is sampled within seconds.
class HotThreads {
  public:
    /// The threads that used at least `hot_permille` of a core each since the last call, the
    /// hottest first, at most FP_WATCHED_THREADS. A thread that was hot is kept for a few more
    /// calls, so that one that works and sleeps in turn stays watched.
    std::vector<ThreadKey> update(std::span<const abi::thread_runtime_record> runtimes,
                                  BootTime now);

    /// Call this instead of update() after a span in which the host was idle.
    void pass(BootTime now) { last_scan_ = now; }

  private:
    struct Known {
        std::uint64_t start_boottime_ns = 0;
        std::uint64_t runtime_ns = 0;
        std::uint64_t rate_permille = 0;
        std::uint32_t cool_scans = 0; ///< since it was last hot
        bool was_hot = false;
        std::uint64_t seen = 0;
    };
    static constexpr std::uint32_t keep_scans = 4;

    std::unordered_map<std::uint32_t, Known> threads_; // by thread id
    BootTime last_scan_;
    std::uint64_t scans_ = 0;
};

} // namespace minewarden::agent
