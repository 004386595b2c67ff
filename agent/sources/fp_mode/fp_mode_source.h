// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/thread_key.h"
#include "agent/sources/source.h"
#include "kernel/fp_mode_abi.h"

#include <atomic>
#include <map>
#include <optional>
#include <span>

struct fp_mode_bpf;

namespace minewarden::agent {

/// Reads the saved SSE control word of watched threads. Costs nothing between calls. After attach()
/// one thread reads (FpModeSampler's); capabilities(), count(), set_prompt() and add_skipped() may
/// be called by any.
class FpModeSource : public Source {
  public:
    FpModeSource();
    ~FpModeSource() override;
    void attach(SourceContext& context) override;
    [[nodiscard]] std::vector<Capability> capabilities() const override;
    void count(PlaceCounts& counts) const override { counts[Place::fp_sample_skipped] += skipped_; }
    void stop() override;

    [[nodiscard]] bool is_attached() const { return all_tasks_ != nullptr; }
    /// True if the sampling thread runs at once when it arrives on a busy CPU.
    void set_prompt(bool is_prompt) { is_prompt_ = is_prompt; }
    /// A sample was not taken, because the thread must not be interrupted.
    void add_skipped() { ++skipped_; }

    /// Replaces the set of watched threads, at most FP_WATCHED_THREADS of them.
    Result<void> watch(std::span<const ThreadKey> threads);

    /// Replaces the set of processes whose computing threads are all watched, by pid and start; at
    /// most FP_WATCHED_PROCESSES of them.
    Result<void> watch_processes(std::span<const ThreadKey> processes);

    /// The threads of a watched process that compute now. Valid until the next call; empty if the
    /// process is gone. REQUIRES: can_read_one()
    std::span<const abi::fp_mode_record> read_process(const ThreadKey& process);

    /// One watched thread, or nullopt if it is gone. REQUIRES: can_read_one()
    std::optional<abi::fp_mode_record> read_one(const ThreadKey& thread);
    /// False before Linux 6.1, where no iterator reads a single thread. Known after watch().
    [[nodiscard]] bool can_read_one() const { return single_possible_; }

    /// Every watched thread that is alive, in one pass over all tasks. Valid until the next call.
    Result<std::span<const abi::fp_mode_record>> read_all();

  private:
    Result<void> read_own_mode(std::uint64_t own_start_boottime_ns);
    void copy_records();

    Capability modes_;
    Capability prompt_;
    std::atomic<bool> is_prompt_ = true;
    std::atomic<std::uint64_t> skipped_ = 0;
    std::optional<BpfObject<fp_mode_bpf>> object_;
    BpfLink all_tasks_;
    std::map<ThreadKey, BpfLink> single_tasks_;
    std::map<ThreadKey, BpfLink> whole_processes_;
    bool single_possible_ = true;
    std::vector<ThreadKey> watched_;
    std::vector<ThreadKey> watched_processes_;
    std::string buffer_;
    std::vector<abi::fp_mode_record> records_;
};

} // namespace minewarden::agent
