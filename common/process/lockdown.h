// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

namespace minewarden {

/// Gives up, for good and for all threads that start later, what a process does not need that only
/// computes, starts threads, and uses sockets and the descriptors that it has open:
///
/// - root: it becomes the user `minewarden`, or `nobody` where there is none
/// - capabilities, new privileges by execve, core dumps, and being traced by others of its user
/// - files: Landlock refuses every path (Linux 5.13; without it, the file system's permissions hold)
/// - system calls to start or inspect processes, to change the kernel or namespaces (seccomp); they
///   fail with EPERM
///
/// REQUIRES: one thread, or threads that may keep more. Under a sanitizer files and system calls
/// stay, because its reports need them.
Result<void> lock_down();

} // namespace minewarden
