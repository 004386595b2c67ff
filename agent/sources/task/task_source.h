// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/task_table.h"
#include "agent/sources/source.h"

#include <optional>
#include <span>

struct task_bpf;

namespace minewarden::agent {

/// Pulls the process table. Costs nothing between calls.
class TaskSource : public Source {
  public:
    TaskSource();
    ~TaskSource() override;
    void attach(SourceContext& context) override;
    [[nodiscard]] std::vector<Capability> capabilities() const override { return {capability_}; }
    void stop() override;

    [[nodiscard]] bool is_attached() const { return tasks_ != nullptr; }
    /// `table` is overwritten; its memory is reused. REQUIRES: is_attached()
    Result<void> pull(TaskTable& table);
    [[nodiscard]] bool has_runtimes() const { return runtimes_ != nullptr; }
    /// Runtimes of threads that have run for 100 ms or more. Valid until the next call.
    /// REQUIRES: has_runtimes()
    Result<std::span<const abi::thread_runtime_record>> pull_runtimes();

  private:
    Capability capability_;
    std::optional<BpfObject<task_bpf>> object_;
    BpfLink tasks_;
    BpfLink runtimes_;
    std::string buffer_;
    std::vector<abi::thread_runtime_record> runtime_records_;
};

} // namespace minewarden::agent
