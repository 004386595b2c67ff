// SPDX-License-Identifier: Apache-2.0
#include "common/host/workload.h"

#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

namespace minewarden {
namespace {

constexpr std::size_t container_id_length = 64;

/// In the order of WorkloadKind.
constexpr std::array<std::string_view, 6> kind_names{"unknown", "host",      "systemd-unit",
                                                     "session", "container", "pod"};

bool is_hex(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_container_id(std::string_view text) {
    return text.size() == container_id_length && is_hex(text);
}

/// Scope names of the systemd cgroup driver are "<prefix>-<id>.scope".
struct RuntimePrefix {
    std::string_view prefix;
    std::string_view runtime;
};
constexpr std::array<RuntimePrefix, 5> runtime_prefixes{{{"docker-", "docker"},
                                                         {"cri-containerd-", "containerd"},
                                                         {"crio-", "crio"},
                                                         {"libpod-", "podman"},
                                                         {"nerdctl-", "containerd"}}};

/// kubepods-besteffort-pod<uid>.slice (systemd driver, '_' for '-') or pod<uid> (cgroupfs driver).
std::optional<std::string> pod_uid(std::string_view part) {
    if (part.ends_with(".slice")) part.remove_suffix(6);
    if (part.starts_with("kubepods")) {
        const std::size_t at = part.rfind("-pod");
        if (at == std::string_view::npos) return std::nullopt;
        part.remove_prefix(at + 1);
    }
    if (!part.starts_with("pod") || part.size() < 3 + 32) return std::nullopt;
    std::string uid(part.substr(3));
    std::ranges::replace(uid, '_', '-');
    const bool looks_like_uid = std::ranges::all_of(
        uid, [](char c) { return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    return looks_like_uid ? std::optional(uid) : std::nullopt;
}

/// The container that one path component names, given the component before it.
void read_container(std::string_view part, std::string_view before, Workload& workload) {
    if (part.ends_with(".scope")) {
        part.remove_suffix(6);
        for (const RuntimePrefix& known : runtime_prefixes) {
            if (!part.starts_with(known.prefix)) continue;
            const std::string_view id = part.substr(known.prefix.size());
            if (!is_container_id(id)) continue;
            workload.runtime = known.runtime;
            workload.container = id;
        }
        return;
    }
    if (is_container_id(part)) { // cgroupfs driver: /docker/<id>, /kubepods/.../pod<uid>/<id>
        workload.container = part;
        workload.runtime = before == "docker"          ? "docker"
                           : before == "libpod_parent" ? "podman"
                                                       : "";
    } else if (before == "lxc" || part.starts_with("lxc.payload.")) {
        workload.runtime = "lxc";
        workload.container = part.starts_with("lxc.payload.") ? part.substr(12) : part;
    }
}

Workload parse_path(std::string_view path) {
    Workload workload;
    workload.path = path;
    std::string_view before;
    for (const std::string_view part : split(path, '/')) {
        if (auto uid = pod_uid(part)) workload.pod = std::move(*uid);
        read_container(part, before, workload);
        if (part.ends_with(".service") || part.ends_with(".socket") || part.ends_with(".mount"))
            workload.unit = part;
        else if (part.starts_with("session-") && part.ends_with(".scope"))
            workload.unit = part;
        before = part;
    }
    if (!workload.pod.empty())
        workload.kind = WorkloadKind::pod;
    else if (!workload.container.empty())
        workload.kind = WorkloadKind::container;
    else if (workload.unit.starts_with("session-"))
        workload.kind = WorkloadKind::session;
    else if (!workload.unit.empty())
        workload.kind = WorkloadKind::systemd_unit;
    else if (path == "/")
        workload.kind = WorkloadKind::host;
    return workload;
}

/// Greater is more specific.
int specificity(const Workload& workload) {
    switch (workload.kind) {
    case WorkloadKind::unknown:
        return 1; // a path of unknown form still says more than the root
    case WorkloadKind::host:
        return 0;
    case WorkloadKind::session:
        return 2;
    case WorkloadKind::systemd_unit:
        return 3;
    case WorkloadKind::container:
        return 4;
    case WorkloadKind::pod:
        return workload.container.empty() ? 5 : 6;
    }
    return 0;
}

} // namespace

std::string_view to_string(WorkloadKind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}

WorkloadKind find_workload_kind(std::string_view name) {
    const auto found = std::ranges::find(kind_names, name);
    return found == kind_names.end() ? WorkloadKind::unknown
                                     : static_cast<WorkloadKind>(found - kind_names.begin());
}

std::string Workload::label() const {
    const std::string short_id = container.substr(0, 12);
    switch (kind) {
    case WorkloadKind::unknown:
        return path.empty() ? "unknown" : path;
    case WorkloadKind::host:
        return "host";
    case WorkloadKind::systemd_unit:
    case WorkloadKind::session:
        return unit;
    case WorkloadKind::container:
        return fmt::format("{} {}", runtime.empty() ? "container" : runtime, short_id);
    case WorkloadKind::pod:
        return container.empty() ? fmt::format("pod {}", pod)
                                 : fmt::format("pod {} ({})", pod, short_id);
    }
    return "unknown";
}

Workload parse_workload(std::string_view cgroup_file) {
    Workload best;
    bool found = false;
    for (const std::string_view line : split(cgroup_file, '\n')) {
        // hierarchy-ID:controller-list:cgroup-path (cgroups(7))
        const std::size_t first = line.find(':');
        const std::size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
        if (second == line.npos) continue;
        Workload candidate = parse_path(line.substr(second + 1));
        if (!found || specificity(candidate) > specificity(best)) best = std::move(candidate);
        found = true;
    }
    return best;
}

} // namespace minewarden
