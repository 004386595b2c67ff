// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "kernel/task_abi.h"

#include <string_view>
#include <vector>

namespace minewarden::agent {

/// The process table as one pull saw it. Kernel threads are left out.
struct TaskTable {
    std::vector<abi::process_record> processes;
    std::vector<abi::thread_record> threads; ///< those that ever ran 50 ms
};

/// Splits what the task iterator wrote into `table`, whose memory is used again. A record of
/// unknown type or wrong size ends the table with an error of kind internal.
Result<void> parse_tasks(std::string_view bytes, TaskTable& table);

} // namespace minewarden::agent
