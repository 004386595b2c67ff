// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/alive_in_proc.h"

#include "common/host/process_files.h"

namespace minewarden::agent {

bool is_alive_in_proc(const abi::subject_id& subject) {
    const auto facts =
        read_process_facts(static_cast<pid_t>(subject.pid), subject.start_boottime_ns);
    return facts && !facts->ending;
}

} // namespace minewarden::agent
