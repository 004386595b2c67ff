// SPDX-License-Identifier: Apache-2.0
#include "common/host/process_files.h"

#include "common/file.h"
#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unistd.h>

namespace minewarden {
namespace {

constexpr std::size_t proc_file_limit = 65536;
constexpr std::size_t maps_limit = 16 << 20; // vm.max_map_count is 65530 by default
constexpr std::size_t start_time_field = 22; // proc(5), counted from 1
constexpr std::uint64_t ns_per_second = 1'000'000'000;

} // namespace

std::optional<std::uint64_t> read_start_ticks(pid_t pid) {
    const auto stat = read_file(fmt::format("/proc/{}/stat", pid), proc_file_limit);
    if (!stat) return std::nullopt;
    // The command name (field 2) is in parentheses and may hold spaces and parentheses itself.
    const std::size_t closing = stat->rfind(')');
    if (closing == std::string::npos || closing + 2 > stat->size()) return std::nullopt;
    const auto fields = split(std::string_view(*stat).substr(closing + 2), ' ');
    if (fields.size() <= start_time_field - 3) return std::nullopt;
    const std::string_view text = fields[start_time_field - 3];
    std::uint64_t ticks = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ticks);
    if (error != std::errc{}) return std::nullopt;
    return ticks;
}

bool matches_start(std::uint64_t start_ticks, std::uint64_t start_boottime_ns) {
    static const auto ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    const std::uint64_t tick_ns = ns_per_second / ticks_per_second;
    const std::uint64_t expected = start_boottime_ns / tick_ns;
    return start_ticks + 1 >= expected && start_ticks <= expected + 1;
}

std::string read_executable(pid_t pid) {
    std::array<char, 4096> target;
    const ssize_t length =
        ::readlink(fmt::format("/proc/{}/exe", pid).c_str(), target.data(), target.size());
    if (length <= 0) return {};
    return to_valid_utf8({target.data(), static_cast<std::size_t>(length)});
}

std::uint64_t largest_private_mapping(std::string_view maps) {
    std::uint64_t largest = 0;
    for (const std::string_view line : split(maps, '\n')) {
        // start-end perms offset device inode [path]
        std::uint64_t start = 0;
        std::uint64_t end = 0;
        const char* const line_end = line.data() + line.size();
        const auto first = std::from_chars(line.data(), line_end, start, 16);
        if (first.ec != std::errc{} || first.ptr == line_end || *first.ptr != '-') continue;
        if (std::from_chars(first.ptr + 1, line_end, end, 16).ec != std::errc{} || end < start)
            continue;
        const std::size_t path = line.find('/');
        const std::string_view name = path == line.npos ? std::string_view() : line.substr(path);
        const bool is_file = !name.empty() && !name.starts_with("/anon_hugepage") &&
                             !name.starts_with("/memfd:") && !name.starts_with("/dev/zero") &&
                             !name.starts_with("/SYSV");
        if (!is_file) largest = std::max(largest, end - start);
    }
    return largest;
}

std::optional<std::uint64_t> read_largest_private_mapping(pid_t pid) {
    const auto maps = read_file(fmt::format("/proc/{}/maps", pid), maps_limit);
    if (!maps) return std::nullopt;
    return largest_private_mapping(*maps);
}

std::string read_cgroups(pid_t pid) {
    const auto text = read_file(fmt::format("/proc/{}/cgroup", pid), proc_file_limit);
    return text ? to_valid_utf8(*text) : std::string();
}

} // namespace minewarden
