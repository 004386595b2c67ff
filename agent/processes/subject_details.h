// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/process_table.h"
#include "common/clock.h"
#include "common/host/workload.h"

namespace minewarden::agent {

/// What people are told of a process in a finding. No arguments, no environment, no file content.
struct SubjectDetails {
    std::string command;
    std::string executable; ///< /proc/PID/exe; the path given to execve if the process is gone
    std::uint32_t user_id = 0;
    WallTime started;
    Workload workload;
};

/// Reads /proc once. Fields stay empty (workload unknown) if the process is gone or its pid has
/// been taken by another in the meantime: unknown is said, never guessed.
[[nodiscard]] SubjectDetails read_details(const Process& process);

} // namespace minewarden::agent
