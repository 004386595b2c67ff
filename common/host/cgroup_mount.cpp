// SPDX-License-Identifier: Apache-2.0
#include "common/host/cgroup_mount.h"

#include "common/file.h"
#include "common/text.h"

#include <fmt/core.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

namespace minewarden {
namespace {

constexpr std::size_t mountinfo_limit = 16 << 20;

/// mountinfo writes space, tab, newline and backslash as \ooo (proc(5)).
std::string unescape(std::string_view field) {
    const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
    std::string path;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] == '\\' && i + 3 < field.size() && is_octal(field[i + 1]) &&
            is_octal(field[i + 2]) && is_octal(field[i + 3])) {
            path += static_cast<char>((field[i + 1] - '0') << 6 | (field[i + 2] - '0') << 3 |
                                      (field[i + 3] - '0'));
            i += 3;
        } else {
            path += field[i];
        }
    }
    return path;
}

} // namespace

std::vector<CgroupMount> find_cgroup_mounts(std::string_view mountinfo) {
    std::vector<CgroupMount> found;
    for (const std::string_view line : split(mountinfo, '\n')) {
        // id parent major:minor root mount-point options [optional...] - type source super-options
        const auto fields = split(line, ' ');
        const auto dash = std::ranges::find(fields, "-");
        if (fields.size() < 6 || fields.end() - dash < 2 || fields[3] != "/") continue;
        const std::string_view type = *(dash + 1);
        if (type != "cgroup" && type != "cgroup2") continue;
        const std::string_view options = fields.end() - dash < 4 ? std::string_view() : *(dash + 3);
        found.push_back({type == "cgroup2", std::string(options), unescape(fields[4])});
    }
    return found;
}

std::string find_cgroup2_mount(std::string_view mountinfo) {
    for (CgroupMount& mount : find_cgroup_mounts(mountinfo))
        if (mount.is_v2) return std::move(mount.point);
    return {};
}

Result<CgroupRoot> open_cgroup_root() {
    TRY_ASSIGN(const auto mountinfo, read_file("/proc/self/mountinfo", mountinfo_limit));
    if (const std::string mount = find_cgroup2_mount(mountinfo); !mount.empty()) {
        Fd directory(::open(mount.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (directory) return CgroupRoot{std::move(directory), mount};
    }
    const Fd context(::fsopen("cgroup2", FSOPEN_CLOEXEC));
    if (!context || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        return fail(system_error(ErrorKind::unavailable, "cannot mount cgroup2", errno));
    Fd directory(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
    if (!directory)
        return fail(system_error(ErrorKind::unavailable, "cannot mount cgroup2", errno));
    return CgroupRoot{std::move(directory), "own mount"};
}

} // namespace minewarden
