// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sensors/bpf.h"
#include "kernel/task_abi.h"

#include <span>

struct task_bpf;

namespace minewarden::agent {

/// The process table as one pull saw it. Kernel threads are left out.
struct TaskTable {
    std::vector<abi::process_record> processes;
    std::vector<abi::thread_record> threads; ///< those that ever ran 50 ms
};

/// Pulls the process table. Costs nothing between calls.
class TaskSensor {
  public:
    static Result<TaskSensor> attach(const SharedMaps& maps);
    TaskSensor(TaskSensor&&) noexcept;
    TaskSensor& operator=(TaskSensor&&) noexcept;
    ~TaskSensor();

    /// `table` is overwritten; its memory is used again.
    Result<void> pull(TaskTable& table);
    /// Runtimes of threads that ever ran 100 ms; valid until the next call.
    Result<std::span<const abi::thread_runtime_record>> pull_runtimes();

  private:
    TaskSensor(SkeletonOwner<task_bpf> skeleton, BpfLink tasks, BpfLink runtimes);
    SkeletonOwner<task_bpf> skeleton_;
    BpfLink tasks_;
    BpfLink runtimes_;
    std::string buffer_;
    std::vector<abi::thread_runtime_record> runtime_records_;
};

/// Splits what the iterator wrote. A record of unknown type or wrong size ends the table with an
/// error of kind internal.
Result<void> parse_tasks(std::string_view bytes, TaskTable& table);

} // namespace minewarden::agent
