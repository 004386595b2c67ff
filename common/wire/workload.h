// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/host/workload.h"

#include <minewarden.pb.h>

namespace minewarden {

void set_workload(wire::Workload& message, const Workload& workload);

/// Names that this version does not know become `unknown`, `form` and `none`. The lengths of the
/// texts are not checked.
[[nodiscard]] Workload workload_of(const wire::Workload& message);

} // namespace minewarden
