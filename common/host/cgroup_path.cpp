// SPDX-License-Identifier: Apache-2.0
#include "common/host/cgroup_path.h"

#include "common/file.h"
#include "common/host/cgroup_mount.h"
#include "common/text.h"

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace minewarden {
namespace {

constexpr std::size_t mountinfo_limit = 16 << 20;
constexpr int kernfs_handle = 0xfe; // FILEID_KERNFS of the kernel's exportfs.h: only the id

} // namespace

Result<CgroupPaths> CgroupPaths::open() {
    TRY_ASSIGN(const auto mountinfo, read_file("/proc/self/mountinfo", mountinfo_limit));
    std::string point = find_cgroup2_mount(mountinfo);
    Fd mount(::open(point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!mount)
        return fail(system_error(ErrorKind::unavailable, "no cgroup2 mount to look ids up", errno));
    return CgroupPaths(std::move(mount), std::move(point));
}

std::string CgroupPaths::find(std::uint64_t id) const {
    if (id == 0) return {};
    // A file_handle followed by its bytes, which are the id.
    alignas(file_handle) std::array<char, sizeof(file_handle) + sizeof(id)> room{};
    auto* const handle = reinterpret_cast<file_handle*>(room.data());
    handle->handle_bytes = sizeof(id);
    handle->handle_type = kernfs_handle;
    std::memcpy(handle->f_handle, &id, sizeof(id));
    const Fd directory(::open_by_handle_at(mount_.get(), handle, O_PATH | O_CLOEXEC));
    if (!directory) return {};
    std::array<char, PATH_MAX> target;
    const ssize_t length = ::readlink(fmt::format("/proc/self/fd/{}", directory.get()).c_str(),
                                      target.data(), target.size());
    if (length <= 0) return {};
    std::string_view path(target.data(), static_cast<std::size_t>(length));
    if (!path.starts_with(mount_point_)) return {};
    path.remove_prefix(mount_point_ == "/" ? 0 : mount_point_.size());
    return path.empty() ? "/" : to_valid_utf8(path);
}

} // namespace minewarden
