// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/bpf.h"
#include "kernel/fp_mode_abi.h"

#include <map>
#include <optional>
#include <span>

struct fp_mode_bpf;

namespace minewarden::agent {

/// A thread as the hot scan names it; the start time guards against a reused id.
struct ThreadKey {
    std::uint32_t thread_id = 0;
    std::uint64_t start_boottime_ns = 0;
    auto operator<=>(const ThreadKey&) const = default;
};

/// Reads the saved SSE control word of watched threads. Costs nothing between calls.
class FpModeSensor {
  public:
    static Result<FpModeSensor> attach(const SharedMaps& maps);
    FpModeSensor(FpModeSensor&&) noexcept;
    FpModeSensor& operator=(FpModeSensor&&) noexcept;
    ~FpModeSensor();

    /// Replaces the set of watched threads, at most FP_WATCHED_THREADS of them.
    Result<void> watch(std::span<const ThreadKey> threads);

    /// Replaces the set of processes all of whose computing threads are watched, by id and start of
    /// the process; at most FP_WATCHED_PROCESSES.
    Result<void> watch_processes(std::span<const ThreadKey> processes);

    /// The threads of a watched process that compute now; valid until the next call. Empty if it is
    /// gone. REQUIRES: can_read_one()
    std::span<const abi::fp_mode_record> read_process(const ThreadKey& process);

    /// One watched thread, or nullopt if it is gone. REQUIRES: can_read_one()
    std::optional<abi::fp_mode_record> read_one(const ThreadKey& thread);
    /// False before Linux 6.1, which has no iterator over a single thread; known after watch().
    [[nodiscard]] bool can_read_one() const { return single_possible_; }

    /// Every watched thread that is alive, in one pass over all tasks; valid until the next call.
    Result<std::span<const abi::fp_mode_record>> read_all();

  private:
    explicit FpModeSensor(SkeletonOwner<fp_mode_bpf> skeleton);
    SkeletonOwner<fp_mode_bpf> skeleton_;
    BpfLink all_tasks_;
    std::map<ThreadKey, BpfLink> single_tasks_;
    std::map<ThreadKey, BpfLink> whole_processes_;
    bool single_possible_ = true;
    std::vector<ThreadKey> watched_;
    std::vector<ThreadKey> watched_processes_;
    void copy_records();

    std::string buffer_;
    std::vector<abi::fp_mode_record> records_;
};

} // namespace minewarden::agent
