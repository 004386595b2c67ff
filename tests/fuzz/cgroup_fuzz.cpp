// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "common/host/cgroup_mount.h"
#include "common/host/workload.h"
#include "common/text.h"

using namespace minewarden;

/// /proc/PID/cgroup and /proc/self/mountinfo: a container may name its cgroup as it likes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = to_valid_utf8(as_text({data, size}));
    (void)parse_workload(text).label();
    (void)find_cgroup2_mount(text);
    return 0;
}
