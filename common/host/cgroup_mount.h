// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <string>

namespace minewarden {

/// The root of the cgroup v2 hierarchy, to attach BPF programs to.
struct CgroupRoot {
    Fd directory;
    std::string origin; ///< the mount point, or "own mount" where the host has none
};

/// Finds the cgroup2 mount in /proc/self/mountinfo whose root is the hierarchy's; where there is
/// none it makes a detached mount of its own (fsopen, fsmount: Linux 5.2) that no other process
/// sees.
Result<CgroupRoot> open_cgroup_root();

/// The mount point of a whole cgroup2 hierarchy in the content of a mountinfo file, or "".
[[nodiscard]] std::string find_cgroup2_mount(std::string_view mountinfo);

} // namespace minewarden
