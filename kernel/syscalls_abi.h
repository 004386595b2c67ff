/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of syscalls.bpf.c: how often the threads of one process entered each syscall. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
namespace minewarden::abi {
#endif

/* Syscall numbers of x86_64 end below 500 (Linux 6.18). The last slot counts all others. The
 * numbers of 32-bit programs are counted as they are. */
#define SYSCALL_SLOTS 512u

/* The process to count; pid 0: none. */
struct syscall_target {
    __u32 pid; /* thread group id in the initial pid namespace */
    __u32 reserved;
    __u64 start_boottime_ns; /* of the process */
};

#ifdef __cplusplus
static_assert(sizeof(syscall_target) == 16);
} // namespace minewarden::abi
#endif
