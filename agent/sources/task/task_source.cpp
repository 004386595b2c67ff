// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/task/task_source.h"

#include "agent/sources/bpf/iterator.h"

#include <bpf/libbpf.h>
#include <fmt/core.h>

#include <array>
#include <task.skel.h>
#include <unistd.h>

namespace minewarden::agent {
namespace {

constexpr std::string_view kernel_remedy = "use Linux 5.8 or later with BTF";
constexpr std::array<NeededProgram, 2> needed{{
    {"pull_tasks",
     "CPU time, threads and memory of processes are not known, nor ends that had no event"},
    {"pull_runtimes", "busy threads are not found, so their rounding modes are not sampled"},
}};

} // namespace

TaskSource::TaskSource()
    : capability_{.name = "task-iterator",
                  .purpose = "CPU time, threads and memory of every process"} {
}
TaskSource::~TaskSource() = default;

void TaskSource::attach(SourceContext& context) {
    auto object = BpfObject<task_bpf>::load(context.bpf);
    if (!object) return rule_out(capability_, object.error(), kernel_remedy);
    object_.emplace(std::move(*object));
    const auto iterate = [](const bpf_program* loaded) {
        return bpf_program__attach_iter(loaded, nullptr);
    };
    tasks_ = object_->attach((*object_)->progs.pull_tasks, iterate);
    runtimes_ = object_->attach((*object_)->progs.pull_runtimes, iterate);
    capability_.source = "iter/task";
    assess(capability_, needed, object_->missing(), kernel_remedy);
    if (!tasks_) return;
    TaskTable table;
    if (auto pulled = pull(table); !pulled)
        return rule_out(capability_, pulled.error(), kernel_remedy);
    capability_.detail = fmt::format("{} processes", table.processes.size());
    const auto own_pid = static_cast<std::uint32_t>(::getpid());
    for (const abi::process_record& process : table.processes)
        if (process.subject.pid == own_pid)
            context.own_start_boottime_ns = process.subject.start_boottime_ns;
}

void TaskSource::stop() {
    tasks_.reset();
    runtimes_.reset();
    object_.reset();
}

Result<void> TaskSource::pull(TaskTable& table) {
    TRY(read_iterator(tasks_.get(), "pull_tasks", buffer_));
    return parse_tasks(buffer_, table);
}

Result<std::span<const abi::thread_runtime_record>> TaskSource::pull_runtimes() {
    return pull_records(runtimes_.get(), "pull_runtimes", buffer_, runtime_records_);
}

} // namespace minewarden::agent
