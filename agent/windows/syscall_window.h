// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/windows/syscall_counts.h"

namespace minewarden::agent {

/// What rules see of a second of counted syscalls. `cpu_permille` is what the process used in the
/// window that the second lies in.
[[nodiscard]] rules::Observation observe_syscalls(const SyscallCounts& counts,
                                                  std::int64_t cpu_permille, BootTime now);

} // namespace minewarden::agent
