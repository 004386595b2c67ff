// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <cstdint>
#include <string>

namespace minewarden {

/// Finds cgroup paths by the ids in kernel events, so that a process can be attributed after it
/// ended. Only for ids of the v2 hierarchy, which are unique within a boot.
class CgroupPaths {
  public:
    /// Opens the host's mount of the whole v2 hierarchy. Errors: unavailable if there is none.
    static Result<CgroupPaths> open();

    /// "/system.slice/x.service", valid UTF-8; "" if the cgroup is gone or `id` is 0. Needs
    /// CAP_DAC_READ_SEARCH (open_by_handle_at(2)).
    [[nodiscard]] std::string find(std::uint64_t id) const;

  private:
    CgroupPaths(Fd mount, std::string mount_point)
        : mount_(std::move(mount)), mount_point_(std::move(mount_point)) {}
    Fd mount_;
    std::string mount_point_;
};

} // namespace minewarden
