// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "common/host/cgroup_mount.h"
#include "common/host/cgroup_tree.h"
#include "common/host/path_pattern.h"
#include "common/host/workload.h"
#include "common/text.h"

using namespace minewarden;

namespace {

/// What the collector takes.
void check_texts(const Workload& workload) {
    constexpr std::size_t maximum_word = 256;
    for (const std::string* text : {&workload.runtime, &workload.container, &workload.group_kind,
                                    &workload.group, &workload.step, &workload.pod, &workload.unit,
                                    &workload.user, &workload.outer, &workload.claim})
        if (text->size() > maximum_word || to_valid_utf8(*text) != *text) __builtin_trap();
    if (workload.path.size() > 4096) __builtin_trap();
}

/// What a user chose is in no field that names something.
void check_claim(const Workload& workload) {
    if (workload.kind == WorkloadKind::session && workload.outer.empty() &&
        !(workload.runtime + workload.container + workload.group + workload.pod).empty())
        __builtin_trap();
    if (!workload.claim.empty() && workload.named_by != NameSource::user) __builtin_trap();
}

} // namespace

/// /proc/PID/cgroup and /proc/self/mountinfo: a container may name its cgroup as it likes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = to_valid_utf8(as_text({data, size}));
    const CgroupView elsewhere{.from_host = false, .ending = true};
    const CgroupView with_owners{.namespaces = HostNamespaces::shared,
                                 .has_pods = true,
                                 .owner = [](std::string_view, std::string_view path) {
                                     return std::optional<std::uint32_t>(path.size() % 3 / 2);
                                 }};
    for (const CgroupView& view : {CgroupView{}, elsewhere, with_owners}) {
        const Workload workload = parse_workload(text, view);
        (void)workload.label();
        check_texts(workload);
        check_claim(workload);
    }
    (void)unescape_unit(text);
    (void)find_cgroup2_mount(text);
    (void)CgroupTree(text).owner("memory", "/");
    return 0;
}
