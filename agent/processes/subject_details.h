// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/process_table.h"
#include "common/clock.h"
#include "common/host/cgroup_path.h"
#include "common/host/workload.h"

#include <optional>

namespace minewarden::agent {

/// What people are told of a process in a finding. No arguments, no environment, no file content.
struct SubjectDetails {
    std::string command;
    std::string executable; ///< /proc/PID/exe; the path given to execve if that is not known
    std::uint32_t user_id = 0;
    std::uint32_t pid_inside = 0; ///< in its own pid namespace; 0: the host's, or not known
    WallTime started;
    Workload workload;
};

/// Finds out about processes. Unknown is said, never guessed: what /proc tells under a pid counts
/// only for the process that started when this one did, and of a program that was replaced or has
/// ended only what still is its own.
class SubjectReader {
  public:
    SubjectReader();

    [[nodiscard]] SubjectDetails read(const Process& process) const;

    /// Of a cgroup of the v2 hierarchy; unknown if there is none of this id any more.
    [[nodiscard]] Workload find_by_cgroup(std::uint64_t id) const;

  private:
    std::optional<CgroupPaths> cgroup_paths_;
    bool host_pids_ = true;   ///< this process is in the initial pid namespace, so is its /proc
    bool from_host_ = true;   ///< it is in the initial cgroup namespace
    bool has_legacy_ = false; ///< there are v1 hierarchies, which may say more than v2
};

} // namespace minewarden::agent
