// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sensor: process life. Three scheduler tracepoints, none of them a syscall tracepoint, so only the
 * tasks that exec, fork or exit pay. */
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/event_ring.bpf.h"
#include "kernel/lib/subject.bpf.h"
#include "kernel/process_abi.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct* task, int old_pid, struct linux_binprm* binary) {
    struct process_exec_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        count_error(ERROR_EXEC_RING_FULL, 0);
        return 0;
    }
    fill_header(&event->header, EVENT_PROCESS_EXEC, sizeof(*event));
    fill_subject(&event->subject, task);
    fill_subject(&event->parent, task->real_parent);
    event->cgroup_id = task->cgroups->dfl_cgrp->kn->id;

    struct inode* inode = binary->file->f_inode;
    event->file_inode = inode->i_ino;
    event->file_device = inode->i_sb->s_dev;
    event->file_links = inode->i_nlink;
    event->user_id = task->cred->uid.val;
    BPF_CORE_READ_STR_INTO(&event->command, task, comm);

    long length = bpf_probe_read_kernel_str(event->path, sizeof(event->path), binary->filename);
    if (length <= 0) {
        count_error(ERROR_EXEC_PATH_READ, length);
        event->path[0] = 0;
        length = 1;
    }
    event->path_length = length - 1;
    submit_event(event);
    return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct* parent, struct task_struct* child) {
    if (child->pid != child->tgid) return 0; /* a thread: the pull sees it */
    struct process_fork_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        count_error(ERROR_FORK_RING_FULL, 0);
        return 0;
    }
    fill_header(&event->header, EVENT_PROCESS_FORK, sizeof(*event));
    fill_subject(&event->parent, parent);
    fill_subject(&event->child, child);
    BPF_CORE_READ_STR_INTO(&event->command, child, comm);
    submit_event(event);
    return 0;
}

/* Fires for every thread, after do_exit() lowered signal->live. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct* task) {
    bool last = task->signal->live.counter == 0;
    __u64 runtime = task->se.sum_exec_runtime;
    if (!last && runtime < THREAD_EXIT_MINIMUM_NS) return 0;

    struct process_exit_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        count_error(ERROR_EXIT_RING_FULL, 0);
        return 0;
    }
    fill_header(&event->header, last ? EVENT_PROCESS_EXIT : EVENT_THREAD_EXIT, sizeof(*event));
    fill_subject(&event->subject, task);
    if (last) runtime += task->signal->sum_sched_runtime;
    event->runtime_ns = runtime;
    event->voluntary_switches = task->nvcsw;
    event->involuntary_switches = task->nivcsw;
    event->thread_id = task->pid;
    event->exit_code = task->exit_code;
    BPF_CORE_READ_STR_INTO(&event->command, task, comm);
    submit_event(event);
    return 0;
}
