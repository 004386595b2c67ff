// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/pipeline/cpu_share.h"
#include "agent/sources/fp_mode/cpu_visits.h"
#include "agent/sources/fp_mode/fp_mode_source.h"
#include "agent/windows/fp_mode_counts.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace minewarden::agent {

/// Samples the rounding modes of watched threads four times a second, in a thread of its own.
///
/// The kernel saves a thread's control word when the thread leaves its CPU. A miner that often
/// waits (for locks, for its next job) would mostly be seen in the code around its waits and not in
/// its hash. So the sampler visits the CPU of each thread that computes: the visit interrupts the
/// thread at an unpredictable moment, and the control word of that moment is read. A visit takes
/// some microseconds. Isolated CPUs and threads with real-time policies are not visited, because
/// the sampler would have to wait there.
///
/// Measured with a monerod that mined alone on its host: 31 of 72 visits found another rounding
/// mode, and 1 of 72 looks without visits.
class FpModeSampler {
  public:
    /// `source` is attached and outlives the sampler.
    explicit FpModeSampler(FpModeSource& source);
    ~FpModeSampler();
    FpModeSampler(const FpModeSampler&) = delete;
    FpModeSampler& operator=(const FpModeSampler&) = delete;

    /// From now on samples these threads, and every computing thread of these processes (by pid and
    /// start), however short it lives. Sleeps while there are none. Going through processes takes
    /// at most a fiftieth of a core (from Linux 6.1 on; before, all tasks are read in one pass).
    void watch(std::vector<ThreadKey> threads, std::vector<ThreadKey> processes = {});
    /// What was sampled since the last call.
    [[nodiscard]] FpModeCounts take_window();

    /// FpModeCounts::take_striking() of what was sampled so far.
    [[nodiscard]] std::vector<rules::ImageKey> take_striking();

    /// Frees a sampler that waits behind a real-time task. Call it several times a second.
    void rescue_if_stuck();

    /// Threads visited in one round. The others follow in the next ones.
    static constexpr std::size_t threads_per_round = 64;

  private:
    void run(const std::stop_token& stop);
    void sample_each(std::span<const ThreadKey> threads);
    /// Makes at most `visits` visits to processes, from number `next` on. Returns the number after
    /// the last one.
    std::size_t sample_processes(std::span<const ThreadKey> processes, std::size_t next,
                                 std::size_t visits);
    /// Makes at most `visits` visits. Returns how many it made.
    std::size_t sample_process(const ThreadKey& process, std::size_t visits);
    void sample_all();
    [[nodiscard]] bool visit(const abi::fp_mode_record& record);
    void count(const abi::fp_mode_record& record);

    FpModeSource& source_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<ThreadKey> wanted_;                 ///< under mutex_
    std::vector<ThreadKey> wanted_processes_;       ///< under mutex_
    bool wanted_is_new_ = false;                    ///< under mutex_
    FpModeCounts counts_;                           ///< under mutex_
    std::atomic<std::uint64_t> round_began_ns_ = 0; ///< boot time; 0 between rounds
    std::atomic<pid_t> thread_id_ = 0;
    CpuVisits visits_;
    CpuShare processes_share_{50}; ///< for going through processes: some have thousands of threads
    std::jthread thread_;
};

} // namespace minewarden::agent
