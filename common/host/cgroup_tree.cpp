// SPDX-License-Identifier: Apache-2.0
#include "common/host/cgroup_tree.h"

#include "common/file.h"
#include "common/host/cgroup_mount.h"
#include "common/text.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace minewarden {
namespace {

constexpr std::size_t mountinfo_limit = 16 << 20;

/// The kernel orders controllers in /proc/PID/cgroup and in mount options alike, but the options
/// have others among them: "rw,cpu,cpuacct".
bool has_all(std::string_view options, std::string_view controllers) {
    const auto each_option = split(options, ',');
    return std::ranges::all_of(split(controllers, ','), [&](std::string_view controller) {
        return std::ranges::find(each_option, controller) != each_option.end();
    });
}

} // namespace

CgroupTree::CgroupTree(std::string_view mountinfo) {
    for (CgroupMount& mount : find_cgroup_mounts(mountinfo))
        hierarchies_.push_back(
            {mount.is_v2 ? std::string() : std::move(mount.options), std::move(mount.point)});
}

CgroupTree CgroupTree::open() {
    const auto mountinfo = read_file("/proc/self/mountinfo", mountinfo_limit);
    return CgroupTree(mountinfo ? *mountinfo : std::string());
}

std::optional<std::uint32_t> CgroupTree::owner(std::string_view controllers,
                                               std::string_view path) const {
    if (!path.starts_with('/') || path.find("/..") != path.npos) return std::nullopt;
    const auto hierarchy = std::ranges::find_if(hierarchies_, [&](const Hierarchy& each) {
        return controllers.empty() ? each.options.empty()
                                   : !each.options.empty() && has_all(each.options, controllers);
    });
    if (hierarchy == hierarchies_.end()) return std::nullopt;
    struct stat status{};
    if (::lstat((hierarchy->mount_point + std::string(path)).c_str(), &status) != 0)
        return std::nullopt;
    return status.st_uid;
}

bool CgroupTree::has_pods() const {
    // kubelet --cgroup-driver=cgroupfs and =systemd, and both below --cgroup-root=/kubelet.
    constexpr std::array<const char*, 4> pods{"/kubepods", "/kubepods.slice", "/kubelet/kubepods",
                                              "/kubelet.slice/kubelet-kubepods.slice"};
    return std::ranges::any_of(hierarchies_, [&](const Hierarchy& each) {
        return std::ranges::any_of(pods, [&](const char* path) {
            struct stat status{};
            return ::lstat((each.mount_point + path).c_str(), &status) == 0;
        });
    });
}

} // namespace minewarden
