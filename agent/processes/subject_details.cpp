// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/subject_details.h"

#include "common/host/loaded_program.h"
#include "common/host/namespaces.h"
#include "common/host/process_files.h"
#include "common/text.h"

#include <algorithm>
#include <unistd.h>

namespace minewarden::agent {
namespace {

// The collector accepts no longer path (collector/intake/finding_checks.cpp). A path can be longer
// than the kernel's maximum, because replacing bytes that are not UTF-8 lengthens it.
constexpr std::size_t maximum_path = 4096;

bool has_legacy_lines(std::string_view cgroups) {
    return std::ranges::any_of(split(cgroups, '\n'), [](std::string_view line) {
        return !line.empty() && !line.starts_with("0::");
    });
}

std::string_view file_name(std::string_view path) {
    constexpr std::string_view deleted = " (deleted)";
    if (path.ends_with(deleted)) path.remove_suffix(deleted.size());
    return path.substr(path.rfind('/') + 1);
}

/// Names a program that a dynamic loader was started for.
void add_loaded_program(SubjectDetails& details, const Process& process) {
    const auto loaded =
        read_loaded_program(static_cast<pid_t>(process.image.pid), process.image.start_boottime_ns);
    if (!loaded) return;
    details.loader = clip_utf8(loaded->loader, maximum_path);
    if (loaded->program.empty()) return;
    details.executable = loaded->program;
    // The kernel named the process after the file of the loader, if no one else did since.
    constexpr std::size_t shown = COMMAND_LENGTH - 1;
    if (details.command == file_name(process.exec_path).substr(0, shown) ||
        details.command == file_name(loaded->loader).substr(0, shown))
        details.command = clip_utf8(file_name(loaded->program), shown);
}

} // namespace

SubjectReader::SubjectReader()
    : host_pids_(in_initial_namespace(NamespaceKind::pid)),
      from_host_(in_initial_namespace(NamespaceKind::cgroup)),
      has_legacy_(has_legacy_lines(read_cgroups(::getpid()))) {
    if (auto paths = CgroupPaths::open()) cgroup_paths_ = std::move(*paths);
}

CgroupView SubjectReader::view(HostNamespaces namespaces, bool ending) const {
    CgroupView view{.from_host = from_host_,
                    .ending = ending,
                    .namespaces = namespaces,
                    .has_pods = cgroup_tree_.has_pods(),
                    .owner = {}};
    if (from_host_)
        view.owner = [this](std::string_view controllers, std::string_view path) {
            return cgroup_tree_.owner(controllers, path);
        };
    return view;
}

Workload SubjectReader::find_by_cgroup(std::uint64_t id) const {
    if (!cgroup_paths_) return {};
    const std::string path = cgroup_paths_->find(id);
    if (path.empty()) return {};
    Workload workload = parse_workload("0::" + path, view(HostNamespaces::unknown, false));
    // Beside v1, the path of v2 is often the runtime's own unit or the root, which says nothing.
    const bool names_more =
        !workload.container.empty() || !workload.group.empty() || !workload.pod.empty();
    if (has_legacy_ && !names_more) return {};
    return workload;
}

SubjectDetails SubjectReader::read(const Process& process) const {
    SubjectDetails details;
    details.command = process.command;
    details.executable = process.exec_path;
    details.user_id = process.user_id;
    details.started = to_wall({process.image.start_boottime_ns});

    // After the exit of its last thread, /proc can show another process under this pid, or what is
    // left of this one.
    std::optional<ProcessFacts> facts;
    if (!process.ended && host_pids_)
        facts = read_process_facts(static_cast<pid_t>(process.image.pid),
                                   process.image.start_boottime_ns);
    if (facts) {
        // After another exec, /proc shows the executable of the next program, perhaps before the
        // event arrives. On overlay file systems the inode can differ although the program is the
        // same, so an equal name suffices. The path given to execve is right in either case.
        const bool is_its_own =
            !process.replaced && (facts->file_inode == process.file_inode ||
                                  file_name(facts->executable) == file_name(process.exec_path));
        if (!facts->executable.empty() && (is_its_own || details.executable.empty()))
            details.executable = facts->executable;
        details.pid_inside = facts->pid_inside;
        details.workload = parse_workload(facts->cgroups, view(facts->namespaces, facts->ending));
        if (is_its_own) add_loaded_program(details, process);
    }
    if (details.workload.kind == WorkloadKind::unknown && details.workload.path.empty())
        details.workload = find_by_cgroup(process.cgroup_id);
    // What ended before it was looked at is known by the path given to execve.
    if (details.loader.empty() && has_loader_name(details.executable))
        details.loader = clip_utf8(details.executable, maximum_path);
    details.executable = clip_utf8(details.executable, maximum_path);
    return details;
}

} // namespace minewarden::agent
