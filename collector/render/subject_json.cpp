// SPDX-License-Identifier: Apache-2.0
#include "collector/render/subject_json.h"

#include "common/bytes.h"
#include "common/clock.h"
#include "common/wire/workload.h"

namespace minewarden::collector {
namespace {

using nlohmann::json;

json note(std::string_view name, std::string_view en, std::string_view zh) {
    return {{"name", name}, {"text", {{"en", en}, {"zh", zh}}}};
}

void add_source_note(json& notes, const Workload& workload) {
    switch (workload.named_by) {
    case NameSource::host:
        return;
    case NameSource::user:
        notes.push_back(note("named-by-user",
                             "A user owns this cgroup and chose its name; nothing "
                             "confirms it.",
                             "该控制组归某个用户所有，其中的名称由用户自行指定，未经证实。"));
        return;
    case NameSource::container:
        notes.push_back(note("named-by-container",
                             "The innermost name was chosen inside a container. The host only "
                             "confirms the outer container.",
                             "最内层的名称由容器内部指定，主机只能确认其外层容器。"));
        return;
    case NameSource::form:
        notes.push_back(note("form-only",
                             "The cgroup path looks like this workload, but no runtime confirms "
                             "it.",
                             "仅控制组路径的形式与该工作负载相符，没有运行时的标识可以证实。"));
        return;
    }
}

void add_doubt_note(json& notes, const Workload& workload) {
    const std::string_view name = to_string(workload.doubt);
    switch (workload.doubt) {
    case WorkloadDoubt::none:
        return;
    case WorkloadDoubt::pod_unknown:
        notes.push_back(note(name,
                             "Kubernetes pods run on this host. Whether a pod started this "
                             "container is unknown: its cgroup is beside those of the pods.",
                             "该主机上运行有 Kubernetes Pod。容器的控制组不在任何 Pod 之下，"
                             "无法得知它是否由某个 Pod 启动。"));
        return;
    case WorkloadDoubt::other_namespaces:
        notes.push_back(note(name,
                             "The process is in the root cgroup, but not in the host's pid and "
                             "mount namespaces. What it belongs to is unknown.",
                             "该进程位于根控制组，但不在主机的 PID 和挂载命名空间中，"
                             "无法得知其所属的工作负载。"));
        return;
    case WorkloadDoubt::namespaces_unknown:
        notes.push_back(note(name,
                             "The process is in the root cgroup. Its namespaces could not be "
                             "compared with the host's, so what it belongs to is unknown.",
                             "该进程位于根控制组，但无法将其命名空间与主机比较，"
                             "因此无法得知其所属的工作负载。"));
        return;
    }
}

/// An unknown kind, of a newer version, keeps its name.
json render_workload(const wire::Workload& message) {
    const Workload workload = workload_of(message);
    return {{"kind", message.kind()},
            {"runtime", workload.runtime},
            {"container", workload.container},
            {"group_kind", workload.group_kind},
            {"group", workload.group},
            {"step", workload.step},
            {"pod", workload.pod},
            {"unit", workload.unit},
            {"unit_inside", workload.unit_inside},
            {"user", workload.user},
            {"path", workload.path},
            {"outer", workload.outer},
            {"named_by", to_string(workload.named_by)},
            {"claim", workload.claim},
            {"doubt", to_string(workload.doubt)},
            {"label", workload.label()}};
}

json render_process(const wire::ProcessSubject& process) {
    // Null if unknown: 0 could be mistaken for a pid.
    const json pid_inside = process.pid_inside() == 0 ? json() : json(process.pid_inside());
    return {{"kind", "process"},
            {"pid", process.pid()},
            {"pid_inside", pid_inside},
            {"image", process.image()},
            {"start_boottime_ns", std::to_string(process.start_boottime_ns())},
            {"command", process.command()},
            {"executable", process.executable()},
            {"loader", process.loader().empty() ? json() : json(process.loader())},
            {"user_id", process.user_id()},
            {"started_at", to_rfc3339({process.started_ns()})},
            {"workload", render_workload(process.workload())}};
}

json render_about(const wire::Subject& subject) {
    switch (subject.about_case()) {
    case wire::Subject::kProcess:
        return render_process(subject.process());
    case wire::Subject::kHost:
        return {{"kind", "host"}};
    case wire::Subject::kWorkload:
        return {{"kind", "workload"},
                {"cgroup_id", std::to_string(subject.workload().cgroup_id())},
                {"workload", render_workload(subject.workload().workload())}};
    case wire::Subject::kNetworkNamespace:
        return {{"kind", "network-namespace"},
                {"inode", subject.network_namespace().inode()},
                {"workload", render_workload(subject.network_namespace().workload())}};
    case wire::Subject::kGpu:
        return {{"kind", "gpu"}, {"pci_address", subject.gpu().pci_address()}};
    case wire::Subject::ABOUT_NOT_SET:
        break;
    }
    return {{"kind", "unknown"}}; // of a newer agent
}

/// Empty for a subject that has none.
Workload workload_about(const wire::Subject& subject) {
    if (subject.has_process()) return workload_of(subject.process().workload());
    if (subject.has_workload()) return workload_of(subject.workload().workload());
    if (subject.has_network_namespace()) return workload_of(subject.network_namespace().workload());
    return {};
}

json render_notes(const wire::Subject& subject) {
    json notes = json::array();
    const wire::ProcessSubject& process = subject.process();
    if (!process.loader().empty() && process.loader() == process.executable())
        notes.push_back(note("started-through-loader",
                             "It was started through the dynamic loader. Which program the loader "
                             "runs is unknown.",
                             "该进程通过动态链接器启动，无法得知链接器所运行的程序。"));
    else if (!process.loader().empty())
        notes.push_back(
            note("started-through-loader",
                 "It was started through the dynamic loader " + process.loader() +
                     ", not by its own name.",
                 "该程序不是直接执行，而是通过动态链接器 " + process.loader() + " 启动的。"));
    const Workload workload = workload_about(subject);
    add_source_note(notes, workload);
    add_doubt_note(notes, workload);
    return notes;
}

} // namespace

json render_subject(const wire::Subject& subject) {
    json rendered = render_about(subject);
    rendered["boot_id"] = to_hex(as_bytes(subject.boot_id()));
    rendered["notes"] = render_notes(subject);
    return rendered;
}

} // namespace minewarden::collector
