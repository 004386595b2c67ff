// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace minewarden {

/// What a process belongs to, as far as its cgroup tells.
enum class WorkloadKind {
    unknown, ///< no path says: named so, never guessed
    host,    ///< the root cgroup: started outside any unit or container
    systemd_unit,
    session, ///< a login session scope
    container,
    pod, ///< a container inside a Kubernetes pod
};

struct Workload {
    WorkloadKind kind = WorkloadKind::unknown;
    std::string runtime;   ///< docker, containerd, crio, podman, lxc; "" if not a container
    std::string container; ///< id, 64 hexadecimal digits for most runtimes
    std::string pod;       ///< Kubernetes pod uid
    std::string unit;      ///< systemd unit
    std::string path;      ///< the cgroup path this was read from

    /// One line for people: "nginx.service", "docker 3f4e5d6c7b8a", "pod 1234 (containerd
    /// 3f4e...)".
    [[nodiscard]] std::string label() const;
    bool operator==(const Workload&) const = default;
};

[[nodiscard]] std::string_view to_string(WorkloadKind kind);
/// `unknown` for a name that to_string does not give.
[[nodiscard]] WorkloadKind find_workload_kind(std::string_view name);

/// Reads the content of /proc/PID/cgroup: all v1 hierarchies and v2. The most specific path wins
/// (pod, then container, unit, session, host), because on hybrid hosts the v2 path is often only
/// "/".
[[nodiscard]] Workload parse_workload(std::string_view cgroup_file);

} // namespace minewarden
