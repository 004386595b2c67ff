// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/subject_details.h"

#include "common/host/process_files.h"

namespace minewarden::agent {

SubjectDetails read_details(const Process& process) {
    SubjectDetails details;
    details.command = process.command;
    details.executable = process.exec_path;
    details.user_id = process.user_id;
    details.started = to_wall({process.image.start_boottime_ns});

    const auto pid = static_cast<pid_t>(process.image.pid);
    const std::string executable = read_executable(pid);
    const Workload workload = parse_workload(read_cgroups(pid));
    // Read after the rest: if the start still matches, all of it was this process's.
    const auto start = read_start_ticks(pid);
    if (!start || !matches_start(*start, process.image.start_boottime_ns)) return details;
    if (!executable.empty()) details.executable = executable;
    details.workload = workload;
    return details;
}

} // namespace minewarden::agent
