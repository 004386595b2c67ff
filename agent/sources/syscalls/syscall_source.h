// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/source.h"
#include "agent/windows/syscall_counts.h"
#include "common/clock.h"

#include <optional>

struct syscalls_bpf;

namespace minewarden::agent {

/// Counts the syscalls of one process at a time. attach() only loads the program. Nothing is slowed
/// down before begin(), nor after end(), nor after the end of this object or of the agent, because
/// the attachment belongs to a descriptor. begin() needs CAP_BPF and CAP_PERFMON, which the daemon
/// keeps.
class SyscallSource : public Source {
  public:
    SyscallSource();
    ~SyscallSource() override;
    void attach(SourceContext& context) override;
    [[nodiscard]] std::vector<Capability> capabilities() const override { return {capability_}; }
    void stop() override;

    /// True if begin() can be called.
    [[nodiscard]] bool is_loaded() const;
    /// Attaches the program. After an error nothing is attached. REQUIRES: is_loaded() and
    /// !is_counting()
    Result<void> begin(const rules::ImageKey& image, BootTime now);
    /// Detaches in any case, and returns what was counted. REQUIRES: is_counting()
    Result<SyscallCounts> end(BootTime now);

    [[nodiscard]] bool is_counting() const { return link_ != nullptr; }

  private:
    Result<void> aim(std::uint32_t pid, std::uint64_t start_boottime_ns);
    Result<std::array<std::uint64_t, SYSCALL_SLOTS>> read_counts() const;

    Capability capability_;
    std::optional<BpfObject<syscalls_bpf>> object_;
    BpfLink link_;
    rules::ImageKey image_;
    BootTime began_;
    std::array<std::uint64_t, SYSCALL_SLOTS> before_{};
};

} // namespace minewarden::agent
