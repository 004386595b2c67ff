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
    std::string runtime;   ///< docker, containerd, crio, podman, lxc, nspawn; "" if no path says
    std::string container; ///< id, 64 hexadecimal digits for most runtimes; a name for lxc, nspawn
    std::string pod;       ///< Kubernetes pod uid
    std::string unit;      ///< systemd unit: the innermost that the path names
    std::string path;      ///< the cgroup path this was read from
    std::string outer;     ///< label of what a nested container runs in: "docker 001122334455"

    /// One line for people: "nginx.service", "docker 3f4e5d6c7b8a", "pod 1234 (containerd
    /// 3f4e...)", "docker 3f4e... in docker 0011...".
    [[nodiscard]] std::string label() const;
    bool operator==(const Workload&) const = default;
};

[[nodiscard]] std::string_view to_string(WorkloadKind kind);
/// `unknown` for a name that to_string does not give.
[[nodiscard]] WorkloadKind find_workload_kind(std::string_view name);

/// What the paths of a cgroup file were read by and from.
struct CgroupView {
    /// The reader is in the initial cgroup namespace, so "/" is the host's root and not its own.
    bool from_host = true;
    /// The process is ending: the kernel then shows "/" for every v1 hierarchy (kernel/cgroup,
    /// proc_cgroup_show), which says nothing.
    bool ending = false;
};

/// Reads the content of /proc/PID/cgroup: all v1 hierarchies and v2. The most specific path wins
/// (pod, then container, unit, session, host), because on hybrid hosts the v2 path is often only
/// "/". Texts are at most as long as the wire takes; what is longer is not a name of anything.
[[nodiscard]] Workload parse_workload(std::string_view cgroup_file, CgroupView view = {});

} // namespace minewarden
