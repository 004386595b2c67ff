// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/capability.h"
#include "agent/visibility/place.h"
#include "common/host/cgroup_mount.h"

#include <cstdint>
#include <vector>

namespace minewarden::agent {

/// What a source may use while it is attached; outlives all sources.
struct SourceContext {
    BpfContext& bpf;
    /// The cgroup v2 root, or why there is none.
    const Result<CgroupRoot>& cgroup_root;
    /// When this process began, as the kernel's task table says; 0 until TaskSource is attached.
    std::uint64_t own_start_boottime_ns = 0;
};

/// One source of facts about this host: BPF programs that push events into the shared ring, are
/// pulled, or both. sources/registry/source_registry.h lists them all. Not thread-safe, except
/// where a source says so.
class Source {
  public:
    Source() = default;
    virtual ~Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    /// Attaches what this host offers. Never fails as a whole: each program that is refused costs
    /// only what capabilities() then says. Needs privileges; called once.
    virtual void attach(SourceContext& context) = 0;

    /// What can be seen by this source, and what not. May change while it runs.
    [[nodiscard]] virtual std::vector<Capability> capabilities() const = 0;

    /// Adds what user space counts of this source. What its programs count is in
    /// kernel/error_abi.h.
    virtual void count(PlaceCounts& counts) const { (void)counts; }

    /// Detaches everything; nothing is slower any more. The destructor does it, too.
    virtual void stop() = 0;
};

} // namespace minewarden::agent
