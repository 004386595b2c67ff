// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/host/workload.h"
#include "common/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace minewarden {

/// The kinds whose initial one has a fixed number, so that a process can tell by itself.
enum class NamespaceKind { cgroup, pid, time, user };

/// Whether this process is in the host's own namespace of that kind; true where the kernel has no
/// such kind. Numbers from the kernel's include/linux/proc_ns.h (PROC_*_INIT_INO).
[[nodiscard]] bool in_initial_namespace(NamespaceKind kind);

/// Compares the pid and mount namespaces of a process with those of the host, by the folder
/// /proc/PID or /proc/PID/task/TID. The host's are those of its first process, or of its kernel
/// threads where that one's cannot be read. Needs CAP_SYS_PTRACE for processes of other users, and
/// the initial pid namespace; `unknown` without.
[[nodiscard]] HostNamespaces compare_with_host(const std::string& process_directory);

/// How far CLOCK_BOOTTIME here is ahead of the host's, from /proc/self/timens_offsets. An error of
/// kind `unavailable` where that file speaks of another time namespace than this process is in.
Result<std::chrono::nanoseconds> read_host_clock_offset();

/// The line "boottime <seconds> <nanoseconds>" of a timens_offsets file (time_namespaces(7)).
Result<std::chrono::nanoseconds> parse_boottime_offset(std::string_view offsets);

} // namespace minewarden
