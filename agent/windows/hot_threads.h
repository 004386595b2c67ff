// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/thread_key.h"
#include "common/clock.h"
#include "kernel/task_abi.h"

#include <span>
#include <unordered_map>
#include <vector>

namespace minewarden::agent {

/// A thread worth sampling from when on it is.
inline constexpr std::uint64_t hot_permille = 100;

/// Finds the threads that use CPU now, from runtimes pulled every two seconds: a miner that starts
/// between two window ends is sampled within seconds.
class HotThreads {
  public:
    /// The busiest threads since the last call, at least `hot_permille` of a core each, hottest
    /// first, at most FP_WATCHED_THREADS. A thread that was hot a moment ago is kept for a few
    /// calls, so that one that works and sleeps in turn stays watched.
    std::vector<ThreadKey> update(std::span<const abi::thread_runtime_record> runtimes,
                                  BootTime now);

    /// In place of update() after a span in which the host was idle: what is known stays.
    void pass(BootTime now) { last_scan_ = now; }

  private:
    struct Known {
        std::uint64_t start_boottime_ns = 0;
        std::uint64_t runtime_ns = 0;
        std::uint64_t rate_permille = 0;
        std::uint32_t cool_scans = 0; ///< scans since it was last hot
        bool was_hot = false;
        std::uint64_t seen = 0;
    };
    static constexpr std::uint32_t keep_scans = 4;

    std::unordered_map<std::uint32_t, Known> threads_; // by thread id
    BootTime last_scan_;
    std::uint64_t scans_ = 0;
};

} // namespace minewarden::agent
