// SPDX-License-Identifier: Apache-2.0
#include "common/wire/workload.h"

namespace minewarden {

void set_workload(wire::Workload& message, const Workload& workload) {
    message.set_kind(std::string(to_string(workload.kind)));
    message.set_runtime(workload.runtime);
    message.set_container(workload.container);
    message.set_group_kind(workload.group_kind);
    message.set_group(workload.group);
    message.set_step(workload.step);
    message.set_pod(workload.pod);
    message.set_unit(workload.unit);
    message.set_unit_inside(workload.unit_inside);
    message.set_user(workload.user);
    message.set_path(workload.path);
    message.set_outer(workload.outer);
    message.set_named_by(std::string(to_string(workload.named_by)));
    message.set_claim(workload.claim);
    message.set_doubt(std::string(to_string(workload.doubt)));
}

Workload workload_of(const wire::Workload& message) {
    Workload workload;
    workload.kind = find_workload_kind(message.kind());
    workload.runtime = message.runtime();
    workload.container = message.container();
    workload.group_kind = message.group_kind();
    workload.group = message.group();
    workload.step = message.step();
    workload.pod = message.pod();
    workload.unit = message.unit();
    workload.unit_inside = message.unit_inside();
    workload.user = message.user();
    workload.path = message.path();
    workload.outer = message.outer();
    workload.named_by = find_name_source(message.named_by());
    workload.claim = message.claim();
    workload.doubt = find_workload_doubt(message.doubt());
    return workload;
}

} // namespace minewarden
