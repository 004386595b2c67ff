// SPDX-License-Identifier: Apache-2.0
#include "common/host/namespaces.h"

#include "common/file.h"
#include "common/text.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <string>
#include <unistd.h>

namespace minewarden {
namespace {

struct Initial {
    std::string_view name;
    std::uint32_t number;
};
/// In the order of NamespaceKind.
constexpr std::array<Initial, 4> initial_namespaces{
    {{"cgroup", 0xEFFFFFFB}, {"pid", 0xEFFFFFFC}, {"time", 0xEFFFFFFA}, {"user", 0xEFFFFFFD}}};

std::string namespace_of(std::string_view directory, std::string_view name) {
    std::array<char, 64> target;
    const std::string path = fmt::format("{}/ns/{}", directory, name);
    const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
    return length <= 0 ? std::string()
                       : std::string(target.data(), static_cast<std::size_t>(length));
}

std::string own_namespace(std::string_view name) {
    return namespace_of("/proc/self", name);
}

/// In the initial pid namespace, pid 2 is kthreadd, the parent of the kernel's threads.
std::string host_mount_namespace() {
    std::string of_first = namespace_of("/proc/1", "mnt");
    return of_first.empty() ? namespace_of("/proc/2", "mnt") : of_first;
}

template <class Number>
bool take_number(std::string_view& text, Number& number) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

} // namespace

bool in_initial_namespace(NamespaceKind kind) {
    const Initial& initial = initial_namespaces[static_cast<std::size_t>(kind)];
    const std::string own = own_namespace(initial.name);
    return own.empty() || own == fmt::format("{}:[{}]", initial.name, initial.number);
}

HostNamespaces compare_with_host(const std::string& process_directory) {
    if (!in_initial_namespace(NamespaceKind::pid)) return HostNamespaces::unknown;
    static const std::string host_mounts = host_mount_namespace();
    const std::string pids = namespace_of(process_directory, "pid");
    const std::string mounts = namespace_of(process_directory, "mnt");
    if (pids.empty() || mounts.empty() || host_mounts.empty()) return HostNamespaces::unknown;
    return pids == own_namespace("pid") && mounts == host_mounts ? HostNamespaces::shared
                                                                 : HostNamespaces::other;
}

Result<std::chrono::nanoseconds> parse_boottime_offset(std::string_view offsets) {
    constexpr std::string_view key = "boottime ";
    constexpr std::int64_t ns_per_second = 1'000'000'000;
    for (std::string_view line : split(offsets, '\n')) {
        if (!line.starts_with(key)) continue;
        line.remove_prefix(key.size());
        std::int64_t seconds = 0;
        std::int64_t nanoseconds = 0;
        if (!take_number(line, seconds) || !take_number(line, nanoseconds) || nanoseconds < 0 ||
            nanoseconds >= ns_per_second || seconds > INT64_MAX / ns_per_second - 1 ||
            seconds < INT64_MIN / ns_per_second + 1)
            break;
        return std::chrono::nanoseconds(seconds * ns_per_second + nanoseconds);
    }
    return fail(ErrorKind::unavailable, "/proc/self/timens_offsets has no offset of boottime");
}

Result<std::chrono::nanoseconds> read_host_clock_offset() {
    if (in_initial_namespace(NamespaceKind::time)) return std::chrono::nanoseconds{0};
    // The file has the offsets for children.
    if (own_namespace("time") != own_namespace("time_for_children"))
        return fail(ErrorKind::unavailable,
                    "cannot determine the host's clock: this process and its children are in "
                    "different time namespaces; start it in the host's time namespace");
    TRY_ASSIGN(const auto offsets, read_file("/proc/self/timens_offsets", 4096));
    return parse_boottime_offset(offsets);
}

} // namespace minewarden
