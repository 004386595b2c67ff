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
constexpr std::size_t maximum_name = 255;  // NAME_MAX; to_valid_utf8 can make a name longer
constexpr std::size_t maximum_path = 4096; // PATH_MAX
constexpr std::size_t maximum_outer = 255;

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
constexpr std::array<RuntimePrefix, 6> runtime_prefixes{{
    {"docker", "docker"},
    {"cri-containerd", "containerd"},
    {"crio", "crio"},
    {"libpod", "podman"},
    {"libpod-payload", "podman"}, // --cgroups=split, used by Quadlet units
    {"nerdctl", "containerd"},
}};

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
    constexpr std::size_t static_uid_length = 32; // static pods: a hash
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

/// A container named by a path component.
struct Container {
    std::string_view runtime;
    std::string id;
    std::optional<std::string> pod; ///< if the same component names it
};

std::optional<Container> container_of(std::string_view id, std::string_view runtime) {
    if (!is_container_id(id)) return std::nullopt;
    return Container{runtime, std::string(id), std::nullopt};
}

/// Decodes \xNN escapes: units write '-' in machine names as \x2d (systemd.unit(5)).
std::string unescape_unit(std::string_view text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with("\\x2d")) {
            name += '-';
            i += 3;
        } else {
            name += text[i];
        }
    }
    return name;
}

/// systemd-nspawn puts its container into "payload" below its unit, and itself beside it.
std::optional<Container> nspawn_container(std::string_view part, std::string_view before) {
    if (part != "payload") return std::nullopt;
    for (const auto& [prefix, ending] :
         {std::pair<std::string_view, std::string_view>{"machine-", ".scope"},
          {"systemd-nspawn@", ".service"}}) {
        if (!before.starts_with(prefix) || !before.ends_with(ending)) continue;
        return Container{"nspawn", unescape_unit(without(before.substr(prefix.size()), ending)),
                         std::nullopt};
    }
    return std::nullopt;
}

/// The container named by one path component, given the component before it.
std::optional<Container> find_container(std::string_view part, std::string_view before) {
    constexpr std::string_view lxc_payload = "lxc.payload.";
    if (part.size() > lxc_payload.size() && part.starts_with(lxc_payload))
        return Container{"lxc", std::string(part.substr(lxc_payload.size())), std::nullopt};
    if (!part.empty() && (before == "lxc" || before == "lxc.payload"))
        return Container{"lxc", std::string(part), std::nullopt};
    if (auto nspawn = nspawn_container(part, before)) return nspawn;
    // A systemd path passed to a runtime with the cgroupfs driver: <slice>:<prefix>:<id>.
    if (const auto triple = split(part, ':'); triple.size() == 3) {
        auto container = container_of(triple[2], runtime_of(triple[1]));
        if (container) container->pod = pod_uid(triple[0]);
        return container;
    }
    const std::string_view name = without(part, ".scope");
    if (name.size() > container_id_length) {
        const std::size_t dash = name.size() - container_id_length - 1;
        const std::string_view runtime = runtime_of(name.substr(0, dash));
        if (name[dash] != '-' || runtime.empty()) return std::nullopt;
        return container_of(name.substr(dash + 1), runtime);
    }
    return container_of(name, before == "docker" ? "docker" : "");
}

bool is_unit(std::string_view part) {
    constexpr std::array<std::string_view, 4> endings{".service", ".scope", ".socket", ".mount"};
    return part.size() <= maximum_name &&
           std::ranges::any_of(endings, [&](std::string_view ending) {
               return part.size() > ending.size() && part.ends_with(ending);
           });
}

bool is_root(std::string_view path) {
    return path == "/";
}

WorkloadKind kind_of(const Workload& workload, CgroupView view) {
    if (!workload.pod.empty()) return WorkloadKind::pod;
    if (!workload.container.empty()) return WorkloadKind::container;
    if (workload.unit.starts_with("session-")) return WorkloadKind::session;
    if (!workload.unit.empty()) return WorkloadKind::systemd_unit;
    return is_root(workload.path) && view.from_host ? WorkloadKind::host : WorkloadKind::unknown;
}

/// Processes inside a container choose the names of inner ones, so always keep the outer one too.
void enter_container(Workload& workload) {
    if (workload.container.empty()) return;
    workload.kind = workload.pod.empty() ? WorkloadKind::container : WorkloadKind::pod;
    workload.outer = clip_utf8(workload.label(), maximum_outer);
    workload.runtime.clear();
    workload.container.clear();
    workload.pod.clear();
}

Workload parse_path(std::string_view path, CgroupView view) {
    Workload workload;
    workload.path = clip_utf8(path, maximum_path);
    std::string_view before;
    for (const std::string_view part : split(without(path, " (deleted)"), '/')) {
        if (auto uid = pod_uid(part)) {
            enter_container(workload);
            workload.pod = std::move(*uid);
        }
        if (auto found = find_container(part, before); found && found->id.size() <= maximum_name) {
            enter_container(workload);
            workload.runtime = found->runtime;
            workload.container = std::move(found->id);
            if (found->pod) workload.pod = std::move(*found->pod);
        } else if (is_unit(part)) {
            workload.unit = part;
        }
        before = part;
    }
    workload.kind = kind_of(workload, view);
    return workload;
}

constexpr int specificity_of_container = 4;

/// Greater is more specific.
int specificity(const Workload& workload) {
    switch (workload.kind) {
    case WorkloadKind::unknown:
        return 1; // a path of unknown form is more specific than the root
    case WorkloadKind::host:
        return 0;
    case WorkloadKind::session:
        return 2;
    case WorkloadKind::systemd_unit:
        return 3;
    case WorkloadKind::container:
        return specificity_of_container;
    case WorkloadKind::pod:
        return workload.container.empty() ? 5 : 6;
    }
    return 0;
}

bool is_more_specific(const Workload& workload, const Workload& than) {
    // A pod without a container, inside a container, is deeper than that container.
    return std::pair(!workload.outer.empty(), specificity(workload)) >
           std::pair(!than.outer.empty(), specificity(than));
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
    const std::string short_id = is_container_id(container) ? container.substr(0, 12) : container;
    const std::string nested = outer.empty() ? "" : " in " + outer;
    switch (kind) {
    case WorkloadKind::unknown:
        return path.empty() || is_root(path) ? "unknown" : path;
    case WorkloadKind::host:
        return "host";
    case WorkloadKind::systemd_unit:
    case WorkloadKind::session:
        return unit;
    case WorkloadKind::container:
        return fmt::format("{} {}{}", runtime.empty() ? "container" : runtime, short_id, nested);
    case WorkloadKind::pod:
        if (container.empty()) return fmt::format("pod {}{}", pod, nested);
        return fmt::format("pod {} ({}{}{}){}", pod, runtime, runtime.empty() ? "" : " ", short_id,
                           nested);
    }
    return "unknown";
}

Workload parse_workload(std::string_view cgroup_file, CgroupView view) {
    Workload best;
    bool found = false;
    bool hidden = false; // a hierarchy shows nothing
    for (const std::string_view line : split(cgroup_file, '\n')) {
        // hierarchy-ID:controller-list:cgroup-path (cgroups(7))
        const std::size_t first = line.find(':');
        const std::size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
        if (second == line.npos) continue;
        const std::string_view path = line.substr(second + 1);
        if (view.ending && second != first + 1 && is_root(path)) {
            hidden = true;
            continue;
        }
        Workload candidate = parse_path(path, view);
        if (!found || is_more_specific(candidate, best)) best = std::move(candidate);
        found = true;
    }
    // If v1 shows nothing, a v2 unit or root does not prove much: on a hybrid host the processes of
    // a container can appear there.
    if (hidden && specificity(best) < specificity_of_container) return {};
    return best;
}

} // namespace minewarden
