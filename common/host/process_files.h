// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden {

/// What /proc/PID says of a process. Every field is a claim about a moment; the process may be gone
/// or have become another program by the next line. All texts are valid UTF-8.

/// Field 22 of /proc/PID/stat, in ticks of 1/sysconf(_SC_CLK_TCK) seconds since boot, in the
/// reader's time namespace; nullopt if the process is gone.
[[nodiscard]] std::optional<std::uint64_t> read_start_ticks(pid_t pid);

/// Same instant as `start_boottime_ns`, allowing for the tick precision of /proc.
[[nodiscard]] bool matches_start(std::uint64_t start_ticks, std::uint64_t start_boottime_ns);

/// Target of /proc/PID/exe; ends in " (deleted)" if the file has no name any more. "" if unknown.
[[nodiscard]] std::string read_executable(pid_t pid);

/// Bytes of the largest mapping that is not a file: anonymous memory, huge pages,
/// shared memory, memfd. The kernel
/// merges neighbours, so it can be larger than what the program asked for. nullopt if unknown.
[[nodiscard]] std::optional<std::uint64_t> read_largest_private_mapping(pid_t pid);

/// The same from the content of a maps file (proc(5)).
[[nodiscard]] std::uint64_t largest_private_mapping(std::string_view maps);

/// /proc/PID/cgroup as it is; "" if unknown.
[[nodiscard]] std::string read_cgroups(pid_t pid);

} // namespace minewarden
