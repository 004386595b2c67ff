// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

namespace minewarden {

/// Refuses, for this thread and all that it starts, system calls that start or inspect processes,
/// or change the kernel or namespaces (seccomp): they fail with EPERM. Threads may start. Does
/// nothing under a sanitizer, whose reports need them.
Result<void> refuse_dangerous_calls();

/// Gives up, for good and for all threads that start later, what a process does not need that only
/// computes, starts threads, and uses sockets and the descriptors that it has open:
///
/// - root: it becomes the user `minewarden`, or `nobody` where there is none, if it has the
///   capabilities for that
/// - capabilities, new privileges by execve, core dumps, and being traced by others of its user
/// - files: Landlock refuses every path (Linux 5.13; without it, the permissions of the file system
///   hold); not under a sanitizer
/// - refuse_dangerous_calls()
Result<void> lock_down();

} // namespace minewarden
