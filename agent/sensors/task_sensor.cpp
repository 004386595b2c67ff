// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/task_sensor.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <task.skel.h>

namespace minewarden::agent {

TaskSensor::TaskSensor(SkeletonOwner<task_bpf> skeleton, BpfLink tasks, BpfLink runtimes)
    : skeleton_(std::move(skeleton)), tasks_(std::move(tasks)), runtimes_(std::move(runtimes)) {
}
TaskSensor::TaskSensor(TaskSensor&&) noexcept = default;
TaskSensor& TaskSensor::operator=(TaskSensor&&) noexcept = default;
TaskSensor::~TaskSensor() = default;

Result<TaskSensor> TaskSensor::attach(const SharedMaps& maps) {
    SkeletonOwner<task_bpf> skeleton(task_bpf::open());
    if (!skeleton) return fail(bpf_error("cannot open the task sensor", errno));
    if (auto shared = maps.share_with(skeleton->obj); !shared) return fail(shared.error());
    if (const int error = task_bpf::load(skeleton.get()); error != 0)
        return fail(bpf_error("cannot load the task sensor", -error));
    BpfLink tasks(bpf_program__attach_iter(skeleton->progs.pull_tasks, nullptr));
    if (!tasks) return fail(bpf_error("cannot attach the task iterator", errno));
    BpfLink runtimes(bpf_program__attach_iter(skeleton->progs.pull_runtimes, nullptr));
    if (!runtimes) return fail(bpf_error("cannot attach the runtime iterator", errno));
    return TaskSensor(std::move(skeleton), std::move(tasks), std::move(runtimes));
}

Result<void> parse_tasks(std::string_view bytes, TaskTable& table) {
    table.processes.clear();
    table.threads.clear();
    const auto take = [&bytes](auto& records) {
        auto& record = records.emplace_back();
        if (bytes.size() < sizeof(record)) return false;
        std::memcpy(&record, bytes.data(), sizeof(record));
        if (record.header.size != sizeof(record)) return false;
        bytes.remove_prefix(sizeof(record));
        return true;
    };
    while (!bytes.empty()) {
        std::uint32_t type = 0;
        if (bytes.size() >= sizeof(type)) std::memcpy(&type, bytes.data(), sizeof(type));
        const bool good = (type == abi::TASK_RECORD_PROCESS && take(table.processes)) ||
                          (type == abi::TASK_RECORD_THREAD && take(table.threads));
        if (!good) return fail(ErrorKind::internal, "the task iterator wrote an unknown record");
    }
    return {};
}

Result<void> TaskSensor::pull(TaskTable& table) {
    if (auto read = read_iterator(tasks_.get(), "pull_tasks", buffer_); !read) return read;
    return parse_tasks(buffer_, table);
}

Result<std::span<const abi::thread_runtime_record>> TaskSensor::pull_runtimes() {
    return pull_records(runtimes_.get(), "pull_runtimes", buffer_, runtime_records_);
}

} // namespace minewarden::agent
