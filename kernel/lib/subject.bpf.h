/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/lib/kernel_types.h"
#include "kernel/subject_abi.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* self_exec_id is 32 bits wide before 5.7; CO-RE sizes the read. */
static __always_inline void fill_subject(struct subject_id* subject, struct task_struct* task) {
    struct task_struct* leader = BPF_CORE_READ(task, group_leader);
    subject->pid = BPF_CORE_READ(task, tgid);
    subject->reserved = 0;
    subject->start_boottime_ns = BPF_CORE_READ(leader, start_boottime);
    subject->image = BPF_CORE_READ(task, self_exec_id);
}
