// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/capability.h"
#include "agent/visibility/place.h"
#include "common/host/cgroup_mount.h"

#include <cstdint>
#include <vector>

namespace minewarden::agent {

/// What a source can use while it is attached. Outlives all sources.
struct SourceContext {
    BpfContext& bpf;
    /// The cgroup v2 root, or why there is none.
    const Result<CgroupRoot>& cgroup_root;
    /// Start of this process according to the kernel's task table; 0 until TaskSource is attached.
    std::uint64_t own_start_boottime_ns = 0;
};

/// A source of facts about this host: BPF programs that push events into the shared ring, are
/// pulled, or both. sources/registry/source_registry.h lists all of them. Not thread-safe, unless
/// the source says so.
class Source {
  public:
    Source() = default;
    virtual ~Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    /// Attaches what this host offers. Never fails as a whole: a rejected program costs only what
    /// capabilities() then says. Needs privileges. Call it once.
    virtual void attach(SourceContext& context) = 0;

    /// What this source can see and what not. Can change while it runs.
    [[nodiscard]] virtual std::vector<Capability> capabilities() const = 0;

    /// Adds what user space counts of this source. What its programs count is in
    /// kernel/error_abi.h.
    virtual void count(PlaceCounts& counts) const { (void)counts; }

    /// Detaches everything, so that nothing is slowed down any more. The destructor does so, too.
    virtual void stop() = 0;
};

} // namespace minewarden::agent
