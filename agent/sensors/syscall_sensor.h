// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/bpf.h"
#include "common/clock.h"
#include "kernel/syscalls_abi.h"
#include "rules/observation/observation.h"

#include <array>
#include <optional>

struct syscalls_bpf;

namespace minewarden::agent {

/// How often a process entered each syscall in a span; the last slot is every other number.
struct SyscallCounts {
    rules::ImageKey image;
    std::array<std::uint64_t, SYSCALL_SLOTS> counts{};
    std::uint64_t span_ns = 0;
};

/// Counts the syscalls of one process at a time. Loaded but not attached: nothing is slower until
/// begin(), and everything on the host is as fast as before once end() returned or the object or
/// the process is gone, for the attachment belongs to a descriptor. Attaching needs CAP_BPF and
/// CAP_PERFMON, which the daemon keeps.
class SyscallSensor {
  public:
    static Result<SyscallSensor> load();
    SyscallSensor(SyscallSensor&&) noexcept;
    SyscallSensor& operator=(SyscallSensor&&) noexcept;
    ~SyscallSensor();

    /// Attaches. On an error nothing stays attached. REQUIRES: !is_attached()
    Result<void> begin(const rules::ImageKey& image, BootTime now);
    /// Detaches, whatever happens, and says what was counted. REQUIRES: is_attached()
    Result<SyscallCounts> end(BootTime now);

    [[nodiscard]] bool is_attached() const { return link_ != nullptr; }
    [[nodiscard]] BootTime began() const { return began_; }

  private:
    explicit SyscallSensor(SkeletonOwner<syscalls_bpf> skeleton);
    Result<void> aim(std::uint32_t pid, std::uint64_t start_boottime_ns);
    Result<std::array<std::uint64_t, SYSCALL_SLOTS>> read_counts() const;

    SkeletonOwner<syscalls_bpf> skeleton_;
    BpfLink link_;
    rules::ImageKey image_;
    BootTime began_;
    std::array<std::uint64_t, SYSCALL_SLOTS> before_{};
};

} // namespace minewarden::agent
