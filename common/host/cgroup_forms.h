// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/host/workload.h"

#include <optional>
#include <string>
#include <string_view>

namespace minewarden {

/// What the first segments of a cgroup path name.
struct CgroupNames {
    WorkloadKind kind = WorkloadKind::unknown;
    std::string_view runtime;
    std::string_view group_kind;
    std::string container; ///< without escapes
    std::string group;
    std::string step;
    std::string pod; ///< with '-'
    std::string user;
    bool only_form = false;   ///< nothing but the form of the path says so
    bool users_below = false; ///< a user chooses the names of the cgroups below
    std::size_t length = 0;   ///< bytes of the path that were read
};

/// Reads the names at the beginning of `path`, which starts behind a '/'. `at_root` tells that it
/// is the whole path. nullopt if no known form begins so.
[[nodiscard]] std::optional<CgroupNames> read_cgroup_names(std::string_view path, bool at_root);

} // namespace minewarden
