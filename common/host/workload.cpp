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

/// Container runtimes name a cgroup "<prefix>-<id>", with ".scope" under the systemd driver.
struct RuntimePrefix {
    std::string_view prefix;
    std::string_view runtime;
};
constexpr std::array<RuntimePrefix, 5> runtime_prefixes{{{"docker", "docker"},
                                                         {"cri-containerd", "containerd"},
                                                         {"crio", "crio"},
                                                         {"libpod", "podman"},
                                                         {"nerdctl", "containerd"}}};

std::string_view runtime_of(std::string_view prefix) {
    const auto found = std::ranges::find(runtime_prefixes, prefix, &RuntimePrefix::prefix);
    return found == runtime_prefixes.end() ? std::string_view() : found->runtime;
}

std::string_view without(std::string_view text, std::string_view ending) {
    return text.ends_with(ending) ? text.substr(0, text.size() - ending.size()) : text;
}

/// <parents>-pod<uid>.slice (systemd driver, '_' for '-') or pod<uid> (cgroupfs driver).
std::optional<std::string> pod_uid(std::string_view part) {
    constexpr std::size_t uid_length = 36;
    constexpr std::size_t static_uid_length = 32; // of pods from files: a hash
    part = without(part, ".slice");
    const std::size_t at = part.starts_with("pod") ? 0 : part.rfind("-pod");
    if (at == std::string_view::npos) return std::nullopt;
    std::string uid(part.substr(at == 0 ? 3 : at + 4));
    if (uid.size() != uid_length && uid.size() != static_uid_length) return std::nullopt;
    std::ranges::replace(uid, '_', '-');
    const bool looks_like_uid = std::ranges::all_of(
        uid, [](char c) { return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    return looks_like_uid ? std::optional(uid) : std::nullopt;
}

bool take_container(std::string_view id, std::string_view runtime, Workload& workload) {
    if (!is_container_id(id)) return false;
    workload.container = id;
    workload.runtime = runtime;
    return true;
}

/// The container that one path component names, given the component before it.
bool read_container(std::string_view part, std::string_view before, Workload& workload) {
    if (part.starts_with("lxc.payload.") || before == "lxc") {
        workload.runtime = "lxc";
        workload.container = part.starts_with("lxc.payload.") ? part.substr(12) : part;
        return true;
    }
    // A systemd path given to a runtime with the cgroupfs driver: <slice>:<prefix>:<id>.
    if (const auto triple = split(part, ':'); triple.size() == 3) {
        if (auto uid = pod_uid(triple[0])) workload.pod = std::move(*uid);
        return take_container(triple[2], runtime_of(triple[1]), workload);
    }
    const std::string_view name = without(part, ".scope");
    if (name.size() > container_id_length) {
        const std::size_t dash = name.size() - container_id_length - 1;
        const std::string_view runtime = runtime_of(name.substr(0, dash));
        return name[dash] == '-' && !runtime.empty() &&
               take_container(name.substr(dash + 1), runtime, workload);
    }
    return take_container(name, before == "docker" ? "docker" : "", workload);
}

bool is_unit(std::string_view part) {
    constexpr std::array<std::string_view, 4> endings{".service", ".scope", ".socket", ".mount"};
    return std::ranges::any_of(endings, [&](std::string_view ending) {
        return part.size() > ending.size() && part.ends_with(ending);
    });
}

Workload parse_path(std::string_view path) {
    Workload workload;
    workload.path = path;
    std::string_view before;
    for (const std::string_view part : split(without(path, " (deleted)"), '/')) {
        if (auto uid = pod_uid(part)) workload.pod = std::move(*uid);
        if (!read_container(part, before, workload) && is_unit(part)) workload.unit = part;
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
        if (container.empty()) return fmt::format("pod {}", pod);
        return fmt::format("pod {} ({}{}{})", pod, runtime, runtime.empty() ? "" : " ", short_id);
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
