// SPDX-License-Identifier: Apache-2.0
#include "common/host/workload.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace minewarden {
namespace {

constexpr std::array<std::string_view, 8> kind_names{
    "unknown", "host", "systemd-unit", "session", "job", "container", "virtual-machine", "pod"};
constexpr std::array<std::string_view, 4> source_names{"host", "user", "container", "form"};
constexpr std::array<std::string_view, 4> doubt_names{"", "pod-unknown", "other-namespaces",
                                                      "namespaces-unknown"};

template <class Value, std::size_t size>
Value find_name(const std::array<std::string_view, size>& names, std::string_view name,
                Value otherwise) {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? otherwise : static_cast<Value>(found - names.begin());
}

std::string short_id(const std::string& container) {
    constexpr std::size_t id_length = 64;
    constexpr std::size_t shown = 12; // as the clients of container runtimes do
    const bool is_id = container.size() == id_length &&
                       container.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_id ? container.substr(0, shown) : container;
}

/// "docker 3f4e5d6c7b8a", "ecs x (task y)", "slurm job 123 step 0", "qemu virtual machine vm1".
std::string container_label(const Workload& workload) {
    std::string label = workload.runtime.empty() ? "container" : workload.runtime;
    if (workload.runtime == "buildkit") label += " build step";
    // A pod of Kata is one, too.
    if (workload.kind == WorkloadKind::virtual_machine || workload.runtime == "kata")
        label += " virtual machine";
    if (!workload.container.empty()) label += " " + short_id(workload.container);
    if (!workload.group.empty()) {
        const std::string group = workload.group_kind + " " + workload.group;
        label += workload.container.empty() ? " " + group : " (" + group + ")";
    }
    if (!workload.step.empty()) label += " step " + workload.step;
    return label;
}

std::string pod_label(const Workload& workload) {
    if (workload.container.empty()) return "pod " + workload.pod;
    const std::string inner =
        workload.runtime.empty() ? short_id(workload.container) : container_label(workload);
    // A container that a container of the pod runs: `outer` names the pod.
    if (workload.outer.find(workload.pod) != std::string::npos) return inner;
    return fmt::format("pod {} ({})", workload.pod, inner);
}

std::string kind_label(const Workload& workload) {
    switch (workload.kind) {
    case WorkloadKind::host:
        return "host";
    case WorkloadKind::systemd_unit:
        return workload.unit;
    case WorkloadKind::session:
        return workload.user.empty()
                   ? workload.unit
                   : fmt::format("session of user {} ({})", workload.user, workload.unit);
    case WorkloadKind::job:
        return container_label(workload) +
               (workload.user.empty() ? "" : " of user " + workload.user);
    case WorkloadKind::container:
    case WorkloadKind::virtual_machine:
        return container_label(workload);
    case WorkloadKind::pod:
        return pod_label(workload);
    case WorkloadKind::unknown:
        break;
    }
    return workload.path.empty() || workload.path == "/" ? "unknown" : workload.path;
}

} // namespace

std::string_view to_string(WorkloadKind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(NameSource source) {
    return source_names[static_cast<std::size_t>(source)];
}

std::string_view to_string(WorkloadDoubt doubt) {
    return doubt_names[static_cast<std::size_t>(doubt)];
}

WorkloadKind find_workload_kind(std::string_view name) {
    return find_name(kind_names, name, WorkloadKind::unknown);
}

NameSource find_name_source(std::string_view name) {
    return find_name(source_names, name, NameSource::form);
}

WorkloadDoubt find_workload_doubt(std::string_view name) {
    return find_name(doubt_names, name, WorkloadDoubt::none);
}

std::string Workload::label() const {
    std::string label = kind_label(*this);
    if (named_by == NameSource::form) label = "looks like " + label;
    if (unit_inside) label = unit + " in " + label;
    if (!outer.empty()) label += " in " + outer;
    if (claim.empty()) return label;
    if (user.empty()) return fmt::format("{} (the user claims {})", label, claim);
    if (kind == WorkloadKind::session)
        return fmt::format("session of user {} (claims {})", user, claim);
    return fmt::format("{} (user {} claims {})", label, user, claim);
}

} // namespace minewarden
