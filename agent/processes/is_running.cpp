// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/is_running.h"

#include "common/host/process_files.h"

namespace minewarden::agent {

bool is_running(const ProcessTable& processes, const abi::subject_id& subject) {
    if (const Process* known = processes.find(subject.pid))
        return known->image.start_boottime_ns == subject.start_boottime_ns;
    const auto facts =
        read_process_facts(static_cast<pid_t>(subject.pid), subject.start_boottime_ns);
    return facts && !facts->ending;
}

} // namespace minewarden::agent
