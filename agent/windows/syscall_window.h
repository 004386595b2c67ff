// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/windows/syscall_counts.h"

namespace minewarden::agent {

/// The syscalls.window observation of a second of counted syscalls. `cpu_permille` is what the
/// process used in the window in which the second lies.
[[nodiscard]] rules::Observation observe_syscalls(const SyscallCounts& counts,
                                                  std::int64_t cpu_permille, BootTime now);

} // namespace minewarden::agent
