/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of process.bpf.c: exec, fork and exit. */
#pragma once

#include "kernel/event_abi.h"
#include "kernel/fp_mode_abi.h"
#include "kernel/subject_abi.h"

#ifdef __cplusplus
namespace minewarden::abi {
#endif

#define EXECUTABLE_PATH_LENGTH 256

struct process_exec_event {
    struct event_header header;
    struct subject_id subject; /* `image` counts this exec already */
    struct subject_id parent;
    __u64 cgroup_id;   /* inode of the cgroup v2 directory, 0 if none */
    __u64 file_inode;  /* of the executable */
    __u32 file_device; /* kernel dev_t: major << 20 | minor */
    __u32 file_links;  /* 0: the file was deleted, or never had a name (memfd) */
    __u32 user_id;     /* real uid in the initial user namespace */
    __u32 path_length; /* bytes in path, without its closing NUL */
    /* What all threads of the process used before this exec. Counters continue over an exec. */
    __u64 runtime_ns;
    __u64 read_bytes; /* as in task_abi.h */
    __u64 written_bytes;
    __u64 device_read_bytes;
    __s64 device_written_bytes;
    /* The same for the thread that is left. It has the id of the process now. */
    __u64 thread_runtime_ns;
    __u64 thread_user_ns;
    __u64 thread_system_ns;
    __u64 thread_voluntary_switches;
    __u64 thread_involuntary_switches;
    char command[COMMAND_LENGTH];
    char path[EXECUTABLE_PATH_LENGTH]; /* as given to execve; it can be relative or cut */
};

struct process_fork_event {
    struct event_header header;
    struct subject_id parent;
    struct subject_id child;
    char command[COMMAND_LENGTH];
};

/* EVENT_THREAD_EXIT: a thread has ended and the process goes on (sent only if the thread used at
 * least THREAD_EXIT_MINIMUM_NS). EVENT_PROCESS_EXIT: the last thread has ended. */
#define THREAD_EXIT_MINIMUM_NS 10000000ull

struct process_exit_event {
    struct event_header header;
    struct subject_id subject;
    __u64 runtime_ns;         /* of the thread; in EVENT_PROCESS_EXIT, of the group */
    __u64 voluntary_switches; /* of the thread, like all that follows */
    __u64 involuntary_switches;
    __u64 thread_runtime_ns;
    __u64 thread_start_boottime_ns;
    __u32 thread_id;
    __u32 exit_code; /* as wait(2) reports it */
    /* The control word when the thread last left its CPU, if FP_EXIT_WORD is set in fp_flags. It is
     * not read from threads below THREAD_EXIT_MINIMUM_NS. */
    __u32 control_word;
    __u32 fp_flags; /* enum fp_flag */
    char command[COMMAND_LENGTH];
};

#ifdef __cplusplus
static_assert(sizeof(process_exec_event) == 16 + 48 + 32 + 80 + 16 + 256);
static_assert(offsetof(process_exec_event, runtime_ns) == 96);
static_assert(offsetof(process_exec_event, path) == 192);
static_assert(sizeof(process_fork_event) == 80);
static_assert(sizeof(process_exit_event) == 112);
static_assert(offsetof(process_exit_event, thread_id) == 80);
} // namespace minewarden::abi
#endif
