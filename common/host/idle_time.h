// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace minewarden {

/// Total idle time of all CPUs since boot, in steps of 10 ms: the second number of /proc/uptime
/// (proc(5)). Waiting for a disk does not count as idle. nullopt if it cannot be read.
[[nodiscard]] std::optional<std::chrono::nanoseconds> read_idle_time();

/// "10959.17 21033.90" -> 21033.9 s.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_idle_time(std::string_view uptime);

} // namespace minewarden
