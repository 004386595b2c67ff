/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Identity of a process as it crosses the kernel boundary. Plain C, read by both sides. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
#include <cstddef> // offsetof, for the headers that include this one

namespace minewarden::abi {
#endif

struct subject_id {
    __u64 start_boottime_ns; /* task_struct.start_boottime of the thread group leader */
    __u64 image;             /* task_struct.self_exec_id: grows by one at each exec, kept by fork */
    __u32 pid;               /* thread group id in the initial pid namespace */
    __u32 reserved;
};

#define COMMAND_LENGTH 16 /* TASK_COMM_LEN, with the closing NUL */

#ifdef __cplusplus
static_assert(sizeof(subject_id) == 24);
} // namespace minewarden::abi
#endif
