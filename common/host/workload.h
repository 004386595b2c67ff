// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace minewarden {

/// What a process belongs to, according to its cgroup.
enum class WorkloadKind {
    unknown, ///< no path shows it; never guessed
    host,    ///< the root cgroup: outside any unit or container
    systemd_unit,
    session, ///< a login session scope
    container,
    pod, ///< a container inside a Kubernetes pod
};

struct Workload {
    WorkloadKind kind = WorkloadKind::unknown;
    std::string runtime;   ///< docker, containerd, crio, podman, lxc, nspawn; "" if unknown
    std::string container; ///< id, mostly 64 hexadecimal digits; a name for lxc and nspawn
    std::string pod;       ///< Kubernetes pod uid
    std::string unit;      ///< the innermost systemd unit in the path
    std::string path;      ///< the cgroup path it was read from
    std::string outer; ///< for a nested container, label of the outer one: "docker 001122334455"

    /// One line for display: "nginx.service", "docker 3f4e5d6c7b8a", "pod 1234 (containerd
    /// 3f4e...)", "docker 3f4e... in docker 0011...".
    [[nodiscard]] std::string label() const;
    bool operator==(const Workload&) const = default;
};

[[nodiscard]] std::string_view to_string(WorkloadKind kind);
/// Inverse of to_string; `unknown` for other names.
[[nodiscard]] WorkloadKind find_workload_kind(std::string_view name);

/// How a cgroup file was read.
struct CgroupView {
    /// The reader is in the initial cgroup namespace: "/" is the host's root, not the reader's own.
    bool from_host = true;
    /// The process is ending: the kernel then shows "/" for every v1 hierarchy, which means nothing
    /// (kernel/cgroup, proc_cgroup_show).
    bool ending = false;
};

/// Parses the content of /proc/PID/cgroup, v1 and v2. The most specific path counts (pod, then
/// container, unit, session, host), because on hybrid hosts the v2 path is often only "/". Ignores
/// names longer than the wire format allows; they are not real names.
[[nodiscard]] Workload parse_workload(std::string_view cgroup_file, CgroupView view = {});

} // namespace minewarden
