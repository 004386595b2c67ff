// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden {

/// Nanoseconds since boot, suspend included (CLOCK_BOOTTIME): the clock of kernel events and
/// process start times. Comparable only within one boot.
struct BootTime {
    std::uint64_t ns = 0;
    auto operator<=>(const BootTime&) const = default;
};

/// Nanoseconds since 1970-01-01 UTC (CLOCK_REALTIME). May step.
struct WallTime {
    std::int64_t ns = 0;
    auto operator<=>(const WallTime&) const = default;
};

/// Time on the host's clock: subtracts host_clock_offset(), for callers in a time namespace.
[[nodiscard]] BootTime boot_now();

/// Offset of CLOCK_BOOTTIME (and of start times in /proc) in the caller's time namespace relative
/// to the host's; 0 until set. Kernel events use the host's clock.
[[nodiscard]] std::chrono::nanoseconds host_clock_offset();
/// Call at most once, before the first boot_now() and before threads start. See
/// common/host/namespaces.h.
void set_host_clock_offset(std::chrono::nanoseconds offset);

[[nodiscard]] WallTime wall_now();

/// CPU time of the calling thread. Does not include time waiting for a busy CPU.
[[nodiscard]] std::uint64_t thread_cpu_ns();

/// Converts a time of this boot to wall time, with the current offset between the clocks.
[[nodiscard]] WallTime to_wall(BootTime time);

/// RFC 3339 in UTC with milliseconds: 2026-11-20T15:01:56.123Z
[[nodiscard]] std::string to_rfc3339(WallTime time);

/// Accepts RFC 3339 with any offset, a date (midnight UTC), or an age before `now` such as 90s,
/// 15m, 2h, 7d.
[[nodiscard]] std::optional<WallTime> parse_time(std::string_view text, WallTime now);

/// Accepts 250ms, 10s, 5m, 2h, 7d.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// The shortest of the forms that parse_duration accepts: 10s, 250ms, 2h.
[[nodiscard]] std::string to_string(std::chrono::nanoseconds duration);

} // namespace minewarden
