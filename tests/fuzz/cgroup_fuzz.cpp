// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "common/host/cgroup_mount.h"
#include "common/host/workload.h"
#include "common/text.h"

using namespace minewarden;

/// /proc/PID/cgroup and /proc/self/mountinfo: a container may name its cgroup as it likes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = to_valid_utf8(as_text({data, size}));
    for (const CgroupView view : {CgroupView{}, CgroupView{.from_host = false, .ending = true}}) {
        const Workload workload = parse_workload(text, view);
        (void)workload.label();
        // What the collector takes.
        if (workload.path.size() > 4096 || workload.unit.size() > 256 ||
            workload.container.size() > 256 || workload.pod.size() > 256 ||
            workload.outer.size() > 256)
            __builtin_trap();
    }
    (void)find_cgroup2_mount(text);
    return 0;
}
