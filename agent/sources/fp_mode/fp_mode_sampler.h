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
/// The kernel saves a thread's control word when the thread leaves its CPU. A miner that waits
/// often (for locks, for its next job) is then mostly seen in the code around its waits and not in
/// its hash. So the sampler visits the CPU of each thread that computes: the visit interrupts the
/// thread at an unforeseen moment of its work, and that moment's word is read. A visit takes some
/// microseconds. No visit goes to isolated CPUs or to threads of real-time policies, which would
/// make the sampler wait.
///
/// Measured on a monerod that mined alone on its host: 31 of 72 visits found another rounding mode;
/// of 72 looks without visits, 1 did.
class FpModeSampler {
  public:
    /// `source` is attached and outlives the sampler.
    explicit FpModeSampler(FpModeSource& source);
    ~FpModeSampler();
    FpModeSampler(const FpModeSampler&) = delete;
    FpModeSampler& operator=(const FpModeSampler&) = delete;

    /// Threads to sample from now on, and processes (by id and start) each computing thread of
    /// which is to be sampled however short it lives; while there are none, the sampler sleeps.
    /// Processes are gone through for at most a fiftieth of a core (from Linux 6.1; before, all
    /// tasks are read in one pass).
    void watch(std::vector<ThreadKey> threads, std::vector<ThreadKey> processes = {});
    /// What was gathered since the last call.
    [[nodiscard]] FpModeCounts take_window();

    /// FpModeCounts::take_striking() of what was gathered so far.
    [[nodiscard]] std::vector<rules::ImageKey> take_striking();

    /// Call now and then: frees a sampler that waits behind a real-time task.
    void rescue_if_stuck();

    /// Threads visited in one round; the others have their turn in the next.
    static constexpr std::size_t threads_per_round = 64;

  private:
    void run(const std::stop_token& stop);
    void sample_each(std::span<const ThreadKey> threads);
    /// Makes at most `visits` visits to processes, from the one numbered `next` on; the next
    /// number.
    std::size_t sample_processes(std::span<const ThreadKey> processes, std::size_t next,
                                 std::size_t visits);
    /// Makes at most `visits` visits; how many it made.
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
    CpuShare processes_share_{50}; ///< of going through processes: some have thousands of threads
    std::jthread thread_;
};

} // namespace minewarden::agent
