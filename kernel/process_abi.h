/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of process.bpf.c: exec, fork and exit. */
#pragma once

#include "kernel/event_abi.h"
#include "kernel/subject_abi.h"

#ifdef __cplusplus
namespace minewarden::abi {
#endif

#define EXECUTABLE_PATH_LENGTH 256

struct process_exec_event {
    struct event_header header;
    struct subject_id subject; /* image already counts this exec */
    struct subject_id parent;
    __u64 cgroup_id;   /* inode of the cgroup v2 directory, 0 if none */
    __u64 file_inode;  /* of the executable */
    __u32 file_device; /* kernel dev_t: major << 20 | minor */
    __u32 file_links;  /* 0: the file was deleted, or never had a name (memfd) */
    __u32 user_id;     /* real uid in the initial user namespace */
    __u32 path_length; /* bytes in path, its closing NUL not counted */
    char command[COMMAND_LENGTH];
    char path[EXECUTABLE_PATH_LENGTH]; /* as given to execve, perhaps relative or cut */
};

struct process_fork_event {
    struct event_header header;
    struct subject_id parent;
    struct subject_id child;
    char command[COMMAND_LENGTH];
};

/* EVENT_THREAD_EXIT: one thread died, the process lives on (sent only if the thread used at least
 * THREAD_EXIT_MINIMUM_NS). EVENT_PROCESS_EXIT: the last thread died; times are the group's. */
#define THREAD_EXIT_MINIMUM_NS 10000000ull

struct process_exit_event {
    struct event_header header;
    struct subject_id subject;
    __u64 runtime_ns;
    __u64 voluntary_switches;
    __u64 involuntary_switches;
    __u32 thread_id;
    __u32 exit_code; /* as wait(2) reports it */
    char command[COMMAND_LENGTH];
};

#ifdef __cplusplus
static_assert(sizeof(process_exec_event) == 16 + 48 + 32 + 16 + 256);
static_assert(offsetof(process_exec_event, path) == 112);
static_assert(sizeof(process_fork_event) == 80);
static_assert(sizeof(process_exit_event) == 88);
static_assert(offsetof(process_exit_event, thread_id) == 64);
} // namespace minewarden::abi
#endif
