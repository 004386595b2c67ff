// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/host/workload.h"
#include "common/result.h"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden {

/// Reads facts about a process from /proc/PID. Each value is a snapshot: the process may end or
/// exec between two reads. All texts are valid UTF-8.

/// Field 22 of /proc/PID/stat, in ticks of 1/sysconf(_SC_CLK_TCK) seconds since boot, in the
/// reader's time namespace; nullopt if the process is gone.
[[nodiscard]] std::optional<std::uint64_t> read_start_ticks(pid_t pid);

/// True if both can be the same time, within the precision of a tick (the kernel rounds down).
/// Converts the ticks from the reader's time namespace first (host_clock_offset, common/clock.h).
[[nodiscard]] bool matches_start(std::uint64_t start_ticks, std::uint64_t start_boottime_ns);

/// Fields of a stat file of /proc/PID or /proc/PID/task/TID.
struct ProcessStat {
    std::uint64_t start_ticks = 0;
    bool ending = false; ///< exit has begun: no executable, and v1 cgroups show as "/"
};
[[nodiscard]] std::optional<ProcessStat> parse_process_stat(std::string_view stat);

/// Facts from /proc about the process with the given `start_boottime_ns`.
struct ProcessFacts {
    std::string executable;       ///< as read_executable
    std::uint64_t file_inode = 0; ///< of the executable; 0 if unknown
    std::string cgroups;          ///< as read_cgroups
    bool ending = false;          ///< no thread is alive: `cgroups` shows "/" for v1
    std::uint32_t pid_inside = 0; ///< pid in its own pid namespace; 0 if that is the reader's
    HostNamespaces namespaces = HostNamespaces::unknown;
};
/// Reads through another living thread if the first one has ended. nullopt if the process is gone
/// or its pid was reused (not detected if the new process started in the same tick).
[[nodiscard]] std::optional<ProcessFacts> read_process_facts(pid_t pid,
                                                             std::uint64_t start_boottime_ns);

/// /proc/PID, or the folder of a thread that lives if the first one has ended. nullopt if the
/// process is gone or ending, or its pid is another's now.
[[nodiscard]] std::optional<std::string> find_living_directory(pid_t pid,
                                                               std::uint64_t start_boottime_ns);

/// Target of a symbolic link, or "".
[[nodiscard]] std::string read_link(const std::string& path);

/// The last number in the NSpid line of a status file (proc(5)) if there are several; otherwise 0.
[[nodiscard]] std::uint32_t parse_pid_inside(std::string_view status);

/// Target of /proc/PID/exe; ends in " (deleted)" if the file was deleted. "" if unknown.
[[nodiscard]] std::string read_executable(pid_t pid);

/// Sizes in bytes of the largest ranges of adjacent mappings. Mappings without any access
/// (PROT_NONE) only reserve addresses and do not count. A range, because one array can consist of
/// several mappings; so it can also be larger than what the program requested.
struct LargestRanges {
    std::uint64_t without_files = 0; ///< anonymous memory, huge pages, shared memory, memfd
    std::uint64_t of_all = 0;        ///< files included
    bool operator==(const LargestRanges&) const = default;
};

/// From a maps file (proc(5)) of the process; nullopt if unknown.
[[nodiscard]] std::optional<LargestRanges> read_largest_ranges(pid_t pid);

/// The same from the content of that file.
[[nodiscard]] LargestRanges largest_ranges(std::string_view maps);

/// Content of /proc/PID/cgroup; "" if unknown.
[[nodiscard]] std::string read_cgroups(pid_t pid);

} // namespace minewarden
