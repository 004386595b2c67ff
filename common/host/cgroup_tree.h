// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden {

/// The cgroup directories of this host, where its hierarchies are mounted: who owns them, and
/// whether pods are among them. Read anew with each call; the mounts are read once.
class CgroupTree {
  public:
    /// From the content of a mountinfo file (proc(5)). Only mounts of whole hierarchies count.
    explicit CgroupTree(std::string_view mountinfo);
    /// Of this process. Empty if the file cannot be read.
    static CgroupTree open();

    /// User id of a cgroup's owner. `controllers` as in /proc/PID/cgroup ("" for v2). nullopt if
    /// the hierarchy is not mounted, the cgroup is gone, or the path leads upwards ("/..").
    [[nodiscard]] std::optional<std::uint32_t> owner(std::string_view controllers,
                                                     std::string_view path) const;

    /// True if a kubelet keeps its pods here.
    [[nodiscard]] bool has_pods() const;

  private:
    struct Hierarchy {
        std::string options; ///< of the mount: names the controllers; "" for v2
        std::string mount_point;
    };
    std::vector<Hierarchy> hierarchies_;
};

} // namespace minewarden
