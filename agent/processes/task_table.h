// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "kernel/task_abi.h"

#include <string_view>
#include <vector>

namespace minewarden::agent {

/// The process table as a pull saw it, without kernel threads.
struct TaskTable {
    std::vector<abi::process_record> processes;
    std::vector<abi::thread_record> threads; ///< that have run for 50 ms or more
};

/// Splits what the task iterator wrote into `table`, whose memory is reused. A record of unknown
/// type or wrong size is an error of kind internal.
Result<void> parse_tasks(std::string_view bytes, TaskTable& table);

} // namespace minewarden::agent
