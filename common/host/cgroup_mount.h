// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace minewarden {

/// The root of the cgroup v2 hierarchy. BPF programs are attached there.
struct CgroupRoot {
    Fd directory;
    std::string origin; ///< the mount point, or "own mount" if the host has none
};

/// Finds a mount of the whole cgroup2 hierarchy in /proc/self/mountinfo. If there is none, makes a
/// detached mount that no other process sees (fsopen, fsmount: Linux 5.2).
Result<CgroupRoot> open_cgroup_root();

/// A mount of a whole cgroup hierarchy.
struct CgroupMount {
    bool is_v2 = false;
    std::string options; ///< of the file system: "rw,cpu,cpuacct", "rw,xattr,name=systemd"
    std::string point;
};
/// In the order of the content of a mountinfo file (proc(5)).
[[nodiscard]] std::vector<CgroupMount> find_cgroup_mounts(std::string_view mountinfo);

/// The mount point of a whole cgroup2 hierarchy in the content of a mountinfo file, or "".
[[nodiscard]] std::string find_cgroup2_mount(std::string_view mountinfo);

} // namespace minewarden
