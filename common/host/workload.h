// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden {

/// What a process belongs to, as far as its cgroup tells.
enum class WorkloadKind {
    unknown, ///< the path has no known form
    host,    ///< the root cgroup: started outside of any unit or container
    systemd_unit,
    session, ///< a login session, or something else that a user started
    job,     ///< of a batch system
    container,
    virtual_machine, ///< its threads on this host
    pod,             ///< a container or virtual machine inside a Kubernetes pod
};

/// Who chose the innermost name, so how much it can be believed.
enum class NameSource {
    host,      ///< the host's own managers: systemd, a container runtime, a batch system
    user,      ///< the user who owns the cgroup above: `claim` has what the user calls it
    container, ///< what runs inside the container that `outer` or `container` names
    form,      ///< unknown: the path only looks like this
};

/// What the path leaves open although other things are known.
enum class WorkloadDoubt {
    none,
    pod_unknown,        ///< pods run on this host, and one of them can have started the container
    other_namespaces,   ///< the root cgroup, but not the host's pid and mount namespaces
    namespaces_unknown, ///< the root cgroup, and the namespaces could not be compared
};

struct Workload {
    WorkloadKind kind = WorkloadKind::unknown;
    std::string runtime;    ///< docker, containerd, slurm, qemu, ...; "" if no path says
    std::string container;  ///< id or name of the container or virtual machine, without escapes
    std::string group_kind; ///< "task" (ecs), "allocation" (nomad), "job" (slurm), "namespace", ...
    std::string group;      ///< what the runtime groups its containers or steps by
    std::string step;       ///< of a Slurm job
    std::string pod;        ///< Kubernetes pod uid
    std::string unit;       ///< systemd unit: the innermost that the path names
    bool unit_inside = false; ///< the unit is one of the container's own systemd
    std::string user;         ///< id of the user who owns the session, job or cgroup
    std::string path;         ///< the cgroup path that this was read from
    std::string outer;        ///< label of what a nested container runs in: "docker 001122334455"
    NameSource named_by = NameSource::host;
    std::string claim; ///< label of what the user calls it; not checked, in no other field
    WorkloadDoubt doubt = WorkloadDoubt::none;

    /// One line for people: "nginx.service", "docker 3f4e5d6c7b8a", "pod 1234 (containerd
    /// 3f4e...)", "docker 3f4e... in docker 0011...".
    [[nodiscard]] std::string label() const;
    bool operator==(const Workload&) const = default;
};

[[nodiscard]] std::string_view to_string(WorkloadKind kind);
[[nodiscard]] std::string_view to_string(NameSource source);
/// "" for none.
[[nodiscard]] std::string_view to_string(WorkloadDoubt doubt);
/// `unknown`, `form` and `none` for a name that to_string does not return.
[[nodiscard]] WorkloadKind find_workload_kind(std::string_view name);
[[nodiscard]] NameSource find_name_source(std::string_view name);
[[nodiscard]] WorkloadDoubt find_workload_doubt(std::string_view name);

/// Whether a process shares the host's pid and mount namespaces.
enum class HostNamespaces { shared, other, unknown };

/// How the paths of a cgroup file were read, and from where.
struct CgroupView {
    /// The reader is in the initial cgroup namespace, so "/" is the host's root and not its own.
    bool from_host = true;
    /// The process is ending: the kernel then shows "/" for every v1 hierarchy (kernel/cgroup,
    /// proc_cgroup_show), which says nothing.
    bool ending = false;
    /// Of the process. Only a process that shares them is the host's if its cgroup is "/".
    HostNamespaces namespaces = HostNamespaces::unknown;
    /// This host runs pods of Kubernetes.
    bool has_pods = false;
    /// The owner of a cgroup by the controllers of its hierarchy as the cgroup file writes them (""
    /// for v2) and its path; nullopt if it is not known. May be empty: then no cgroup is taken for
    /// a user's unless its path says so.
    std::function<std::optional<std::uint32_t>(std::string_view controllers, std::string_view path)>
        owner;
};

/// Reads the content of /proc/PID/cgroup: all v1 hierarchies and v2. The most specific path counts
/// (pod, then container or job, unit, session, host), because on hybrid hosts the v2 path is often
/// only "/". Names below a cgroup that a user owns do not count; they become `claim`. Texts are cut
/// to what the wire takes.
[[nodiscard]] Workload parse_workload(std::string_view cgroup_file, const CgroupView& view = {});

} // namespace minewarden
