// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/process_table.h"
#include "common/clock.h"
#include "common/host/cgroup_path.h"
#include "common/host/cgroup_tree.h"
#include "common/host/workload.h"

#include <optional>

namespace minewarden::agent {

/// What a finding says about its process. No arguments, no environment, no file content.
struct SubjectDetails {
    std::string command;
    std::string executable; ///< /proc/PID/exe, or the path given to execve; what a loader runs
    std::string loader;     ///< of a program started through the dynamic loader: the loader
    std::uint32_t user_id = 0;
    std::uint32_t pid_inside = 0; ///< in its own pid namespace; 0 if that is the host's or unknown
    WallTime started;
    Workload workload;
};

/// Reads the details of processes. Never guesses: what /proc says under a pid counts only if its
/// start is that of the process, and only as far as it cannot belong to a program that came later.
class SubjectReader {
  public:
    SubjectReader();

    [[nodiscard]] SubjectDetails read(const Process& process) const;

    /// Of a cgroup of the v2 hierarchy; unknown if there is none of this id any more.
    [[nodiscard]] Workload find_by_cgroup(std::uint64_t id) const;

  private:
    /// From where a process of these namespaces is read.
    [[nodiscard]] CgroupView view(HostNamespaces namespaces, bool ending) const;

    std::optional<CgroupPaths> cgroup_paths_;
    CgroupTree cgroup_tree_ = CgroupTree::open();
    bool host_pids_ = true;   ///< the agent, and its /proc, is in the initial pid namespace
    bool from_host_ = true;   ///< the agent is in the initial cgroup namespace
    bool has_legacy_ = false; ///< there are v1 hierarchies, which can say more than v2
};

} // namespace minewarden::agent
