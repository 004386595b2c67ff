/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of task.bpf.c: the process table as a stream of records, read from an iterator. Kernel
 * threads are left out. */
#pragma once

#include "kernel/subject_abi.h"

#ifdef __cplusplus
namespace minewarden::abi {
#endif

enum task_record_type {
    TASK_RECORD_PROCESS = 1, /* one per thread group, before its threads */
    TASK_RECORD_THREAD = 2,  /* one per thread that ran THREAD_RECORD_MINIMUM_NS or more */
};

#define THREAD_RECORD_MINIMUM_NS 50000000ull

struct task_record_header {
    __u32 type; /* enum task_record_type */
    __u32 size;
};

struct process_record {
    struct task_record_header header;
    struct subject_id subject;
    __u64 exited_runtime_ns; /* CPU time of threads of this group that ended */
    __u64 exited_read_bytes; /* read(2)-like bytes of threads that ended */
    __u64 exited_written_bytes;
    __u64 exited_device_read_bytes; /* the same, from and to block devices: see thread_record */
    __s64 exited_device_written_bytes;
    __u64 cgroup_id;
    __u64 file_inode;
    __u32 file_device;
    __u32 file_links;
    __u64 anonymous_bytes; /* resident pages by kind: private memory without a file */
    __u64 shared_bytes;    /* shared memory, memfd, tmpfs */
    __u64 file_bytes;      /* files on other file systems */
    __u64 huge_bytes;      /* hugetlbfs, MAP_HUGETLB */
    __u32 parent_pid;
    __u32 user_id;
    __u32 threads;
    __u32 reserved;
    char command[COMMAND_LENGTH];
};

struct thread_record {
    struct task_record_header header;
    __u64 process_start_boottime_ns;
    __u64 start_boottime_ns; /* of the thread */
    __u32 pid;               /* thread group id */
    __u32 thread_id;
    __u64 runtime_ns; /* exact CPU time */
    __u64 user_ns;    /* split of utime and stime, tick based on most kernels */
    __u64 system_ns;
    __u64 voluntary_switches;
    __u64 involuntary_switches;
    __u64 read_bytes; /* through read(2) and the like: task_io_accounting.rchar */
    __u64 written_bytes;
    __u64 device_read_bytes;    /* fetched from a block device: task_io_accounting.read_bytes */
    __s64 device_written_bytes; /* made dirty for one, less what it truncated before it got there */
    __u32 allowed_cpus;
    __s16 nice;
    __u16 policy; /* SCHED_OTHER 0, FIFO 1, RR 2, BATCH 3, IDLE 5, DEADLINE 6 */
};

/* For the scan for hot threads. */
struct thread_runtime_record {
    __u32 pid;
    __u32 thread_id;
    __u64 start_boottime_ns; /* of the thread */
    __u64 runtime_ns;
};

#ifdef __cplusplus
static_assert(sizeof(process_record) == 160);
static_assert(offsetof(process_record, command) == 144);
static_assert(sizeof(thread_record) == 112);
static_assert(offsetof(thread_record, runtime_ns) == 32);
static_assert(sizeof(thread_runtime_record) == 24);
} // namespace minewarden::abi
#endif
