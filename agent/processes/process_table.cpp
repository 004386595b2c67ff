// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/process_table.h"

#include "common/text.h"

#include <algorithm>
#include <cstring>

namespace minewarden::agent {

rules::ImageKey to_image(const abi::subject_id& subject) {
    return {subject.pid, subject.start_boottime_ns, subject.image};
}

std::string command_text(const char (&command)[COMMAND_LENGTH]) {
    return to_valid_utf8({command, ::strnlen(command, COMMAND_LENGTH)});
}

void ProcessTable::depart(Process process, Departure departure) {
    (departure == Departure::replaced ? process.replaced : process.ended) = true;
    departed_.push_back({std::move(process), departure});
}

std::vector<GoneImage> ProcessTable::take_gone() {
    std::vector<GoneImage> gone;
    for (Departed& departed : std::exchange(departed_, {})) {
        const rules::ImageKey image = departed.process.image;
        const std::vector<rules::ImageKey> finished = lineage_.on_departure(image);
        for (const rules::ImageKey& each : finished) {
            const auto founder = founders_.extract(each);
            gone.push_back({each, founder ? founder.mapped().departure : departed.departure});
        }
        if (finished.empty()) founders_.insert_or_assign(image, std::move(departed));
    }
    return gone;
}

ProcessTable::Entry& ProcessTable::claim(const abi::subject_id& subject) {
    Entry& entry = processes_[subject.pid];
    const rules::ImageKey image = to_image(subject);
    if (entry.process.image != image) {
        std::vector<ProcessKey> ancestors;
        if (entry.process.image.pid != 0) {
            const bool same_process =
                entry.process.image.start_boottime_ns == image.start_boottime_ns;
            if (same_process) ancestors = entry.process.ancestors;
            depart(std::move(entry.process),
                   same_process ? Departure::replaced : Departure::vanished);
        }
        entry = {};
        entry.process.image = image;
        entry.process.ancestors = std::move(ancestors);
    }
    entry.last_pull = pulls_;
    return entry;
}

void ProcessTable::adopt(Process& child, const ProcessKey& parent) const {
    child.ancestors = {parent};
    const Process* known = find(parent.pid);
    if (known == nullptr || known->image.start_boottime_ns != parent.start_boottime_ns) return;
    const std::size_t more = std::min(known->ancestors.size(), Process::maximum_ancestors - 1);
    child.ancestors.insert(child.ancestors.end(), known->ancestors.begin(),
                           known->ancestors.begin() + static_cast<std::ptrdiff_t>(more));
}

bool ProcessTable::descends_from(const abi::subject_id& process,
                                 const abi::subject_id& ancestor) const {
    const ProcessKey key{ancestor.pid, ancestor.start_boottime_ns};
    if (ProcessKey{process.pid, process.start_boottime_ns} == key) return true;
    const Process* known = find(process.pid);
    return known != nullptr && known->image.start_boottime_ns == process.start_boottime_ns &&
           std::ranges::find(known->ancestors, key) != known->ancestors.end();
}

const Process& ProcessTable::on_exec(const abi::process_exec_event& event) {
    Process& process = claim(event.subject).process;
    if (process.ancestors.empty() && event.parent.pid != 0)
        adopt(process, {event.parent.pid, event.parent.start_boottime_ns});
    process.parent_pid = event.parent.pid;
    process.user_id = event.user_id;
    process.command = command_text(event.command);
    const std::size_t length = std::min<std::size_t>(event.path_length, EXECUTABLE_PATH_LENGTH);
    process.exec_path = to_valid_utf8({event.path, length});
    process.file_deleted = event.file_links == 0;
    process.file_inode = event.file_inode;
    process.cgroup_id = event.cgroup_id;
    return process;
}

rules::Observation observe_exec(const Process& process, const Process* parent,
                                const abi::process_exec_event& event) {
    namespace field = rules::process_exec;
    rules::Observation observation(rules::ObservationType::process_exec);
    observation.time = {event.header.boottime_ns};
    observation.set(field::command, process.command);
    observation.set(field::path, process.exec_path);
    observation.set(field::user_id, std::int64_t{process.user_id});
    observation.set(field::deleted, process.file_deleted);
    if (parent != nullptr && parent->image.start_boottime_ns == event.parent.start_boottime_ns)
        observation.set(field::parent_command, parent->command);
    return observation;
}

void ProcessTable::on_fork(const abi::process_fork_event& event) {
    Process& process = claim(event.child).process;
    process.parent_pid = event.parent.pid;
    process.command = command_text(event.command);
    adopt(process, {event.parent.pid, event.parent.start_boottime_ns});
    // A fork runs its parent's program.
    if (const Process* parent = find(event.parent.pid)) {
        process.user_id = parent->user_id;
        process.exec_path = parent->exec_path;
        process.file_deleted = parent->file_deleted;
        process.file_inode = parent->file_inode;
    }
    lineage_.on_fork(to_image(event.parent), to_image(event.child));
}

void ProcessTable::on_exit(const abi::process_exit_event& event) {
    const auto found = processes_.find(event.subject.pid);
    if (found == processes_.end()) return;
    if (found->second.process.image.start_boottime_ns != event.subject.start_boottime_ns) return;
    depart(std::move(found->second.process), Departure::exited);
    processes_.erase(found);
}

std::size_t ProcessTable::reconcile(std::span<const abi::process_record> processes) {
    ++pulls_;
    std::size_t missed = 0;
    std::vector<const abi::process_record*> unforked; // no fork event named their parent
    for (const abi::process_record& record : processes) {
        const Process* known = find(record.subject.pid);
        if (known == nullptr || known->image != to_image(record.subject)) ++missed;
        Process& process = claim(record.subject).process;
        process.parent_pid = record.parent_pid;
        process.user_id = record.user_id;
        process.command = command_text(record.command);
        process.file_deleted = record.file_links == 0 && record.file_inode != 0;
        process.file_inode = record.file_inode;
        process.cgroup_id = record.cgroup_id;
        if (process.ancestors.empty()) unforked.push_back(&record);
    }
    // Their parent now is the best guess for the process that forked them.
    for (const abi::process_record* record : unforked) {
        const Process* parent = find(record->parent_pid);
        if (parent != nullptr)
            adopt(claim(record->subject).process,
                  {parent->image.pid, parent->image.start_boottime_ns});
    }
    for (auto entry = processes_.begin(); entry != processes_.end();) {
        if (entry->second.last_pull == pulls_) {
            ++entry;
            continue;
        }
        depart(std::move(entry->second.process), Departure::vanished);
        entry = processes_.erase(entry);
    }
    return missed;
}

const Process* ProcessTable::find(std::uint32_t pid) const {
    const auto found = processes_.find(pid);
    return found == processes_.end() ? nullptr : &found->second.process;
}

const Process* ProcessTable::find(const rules::ImageKey& image) const {
    if (runs(image)) return find(image.pid);
    const auto departed = std::ranges::find(
        departed_, image, [](const Departed& each) { return each.process.image; });
    if (departed != departed_.end()) return &departed->process;
    const auto founder = founders_.find(image);
    return founder == founders_.end() ? nullptr : &founder->second.process;
}

bool ProcessTable::runs(const rules::ImageKey& image) const {
    const Process* process = find(image.pid);
    return process != nullptr && process->image == image;
}

bool ProcessTable::is_alive(const abi::subject_id& subject) const {
    // Events can be lost, so a process that is not in the table may be alive.
    if (const Process* known = find(subject.pid))
        return known->image.start_boottime_ns == subject.start_boottime_ns;
    return is_unseen_alive_(subject);
}

std::optional<rules::ImageKey> ProcessTable::image_of(const abi::subject_id& subject) const {
    const Process* known = find(subject.pid);
    if (known != nullptr && known->image.start_boottime_ns == subject.start_boottime_ns)
        return known->image;
    const rules::ImageKey image = to_image(subject);
    if (is_founder(image) || is_alive(subject)) return image;
    return std::nullopt;
}

} // namespace minewarden::agent
