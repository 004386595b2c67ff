/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/lib/kernel_types.h"
#include "kernel/subject_abi.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* `task` must be a pointer that the verifier knows (from a tracepoint, an iterator or
 * bpf_get_current_task_btf): then plain loads are allowed, which cost a tenth of bpf_probe_read. */
static __always_inline void fill_subject(struct subject_id* subject, struct task_struct* task) {
    subject->pid = task->tgid;
    subject->reserved = 0;
    subject->start_boottime_ns = task->group_leader->start_boottime;
    subject->image = task->self_exec_id;
}

/* The same for the current task, in programs that Linux 5.10 must load: it has no
 * bpf_get_current_task_btf (5.11), so its verifier knows no pointer here. */
static __always_inline void fill_current_subject(struct subject_id* subject) {
    struct task_struct* task = (void*)bpf_get_current_task();
    subject->pid = BPF_CORE_READ(task, tgid);
    subject->reserved = 0;
    subject->start_boottime_ns = BPF_CORE_READ(task, group_leader, start_boottime);
    subject->image = BPF_CORE_READ(task, self_exec_id);
}
