// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

namespace minewarden::agent {

/// Permanently drops all capabilities that the agent does not need once its sources are attached.
/// It keeps CAP_BPF and CAP_PERFMON (to read iterators), CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (to
/// read /proc of other users), and before Linux 5.8, which has no CAP_BPF, CAP_SYS_ADMIN.
/// REQUIRES: no other thread was started yet, because capabilities belong to threads
Result<void> drop_privileges();

} // namespace minewarden::agent
