// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/processes/process_table.h"

namespace minewarden::agent {

/// Whether the process of this subject runs, whatever program it has become. A process that no
/// event told of may run all the same, so /proc is asked where the table does not know it; one that
/// only waits for its parent to take note of its end (a zombie) does not run.
[[nodiscard]] bool is_running(const ProcessTable& processes, const abi::subject_id& subject);

} // namespace minewarden::agent
