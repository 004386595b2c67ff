// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

namespace minewarden::agent {

/// Gives up every capability the agent does not need once its sensors are attached, for good: keeps
/// CAP_BPF and CAP_PERFMON (to read iterators), CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (to read
/// /proc of others). Before Linux 5.8, which has no CAP_BPF, CAP_SYS_ADMIN stays in its place.
/// Capabilities belong to threads: REQUIRES that no other thread was started yet.
Result<void> drop_privileges();

} // namespace minewarden::agent
