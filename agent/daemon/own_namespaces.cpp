// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/own_namespaces.h"

#include "common/clock.h"
#include "common/host/namespaces.h"
#include "common/log.h"

namespace minewarden::agent {

Result<void> adjust_to_namespaces() {
    const auto offset = read_host_clock_offset();
    if (!offset) return fail(ErrorKind::config, offset.error().message);
    set_host_clock_offset(*offset);
    if (offset->count() != 0)
        log::info("in a time namespace {} s from the host's; all times are of the host's clock",
                  offset->count() / 1'000'000'000);
    if (!in_initial_namespace(NamespaceKind::pid))
        log::warn("not in the host's pid namespace: executables and workloads are unknown; "
                  "start it with the host's (hostPID, --pid=host)");
    if (!in_initial_namespace(NamespaceKind::cgroup))
        log::warn("not in the host's cgroup namespace: processes in the host's root cgroup have "
                  "an unknown workload; start it with the host's (--cgroupns=host)");
    return {};
}

} // namespace minewarden::agent
