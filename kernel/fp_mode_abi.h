/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of fp_mode.bpf.c: the SSE control word each watched thread had when it last left a CPU.
 */
#pragma once

#include "kernel/subject_abi.h"

#ifdef __cplusplus
namespace minewarden::abi {
#endif

/* Where the kernel keeps the saved state (struct fpu moved twice). */
enum fp_layout {
    FP_LAYOUT_UNKNOWN = 0,
    FP_LAYOUT_THREAD_STATE = 1,   /* up to 5.15: task.thread.fpu.state */
    FP_LAYOUT_THREAD_FPSTATE = 2, /* 5.16 to 6.15: task.thread.fpu.fpstate->regs */
    FP_LAYOUT_AFTER_TASK = 3,     /* from 6.16: struct fpu follows struct task_struct in memory */
};

enum fp_flag {
    FP_INITIAL_STATE =
        1 << 0, /* SSE and AVX are unused: the word is the default, whatever is stored */
    FP_GUEST_STATE = 1 << 1, /* thread of a virtual CPU: the word belongs to its guest */
    FP_RUNNABLE = 1 << 2,    /* can run (TASK_RUNNING); otherwise it waits for something */
    FP_ON_CPU = 1 << 3,      /* runs now: the saved word is older */
    FP_EXIT_WORD = 1 << 4,   /* exit events: the word was read */
};

struct fp_mode_record {
    struct subject_id subject;
    __u64 start_boottime_ns; /* of the thread */
    __u64 switches;          /* voluntary and involuntary; if unchanged, the sample is stale */
    __u32 thread_id;
    __u32 control_word; /* MXCSR; bits 13-14 are the rounding mode */
    __u32 flags;        /* enum fp_flag */
    __u32 layout;       /* enum fp_layout */
    __u32 cpu;          /* where it runs or last ran */
    __u32 policy;       /* scheduling policy, as in task_abi.h */
};

#define FP_WATCHED_THREADS 256u
#define FP_WATCHED_PROCESSES 32u

#ifdef __cplusplus
static_assert(sizeof(fp_mode_record) == 64);
static_assert(offsetof(fp_mode_record, switches) == 32);
} // namespace minewarden::abi
#endif
