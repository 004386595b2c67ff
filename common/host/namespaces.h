// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/host/workload.h"
#include "common/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace minewarden {

/// Kinds of namespaces whose initial namespace has a fixed number, so that a process can recognise
/// it.
enum class NamespaceKind { cgroup, pid, time, user };

/// True if this process is in the host's namespace of that kind, or if the kernel does not have
/// that kind. Numbers: PROC_*_INIT_INO in the kernel's include/linux/proc_ns.h.
[[nodiscard]] bool in_initial_namespace(NamespaceKind kind);

/// Compares the pid and mount namespaces of a process with those of the host, by the folder
/// /proc/PID or /proc/PID/task/TID. The host's are those of its first process, or of its kernel
/// threads where that one's cannot be read. Needs CAP_SYS_PTRACE for processes of other users, and
/// the initial pid namespace; `unknown` without.
[[nodiscard]] HostNamespaces compare_with_host(const std::string& process_directory);

/// Offset of CLOCK_BOOTTIME here relative to the host's, from /proc/self/timens_offsets. Errors:
/// unavailable if that file is about another time namespace than that of this process.
Result<std::chrono::nanoseconds> read_host_clock_offset();

/// Parses the line "boottime <seconds> <nanoseconds>" of a timens_offsets file
/// (time_namespaces(7)).
Result<std::chrono::nanoseconds> parse_boottime_offset(std::string_view offsets);

} // namespace minewarden
