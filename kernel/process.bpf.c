// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source: exec, fork and exit. Uses three scheduler tracepoints and no syscall tracepoint, so it
 * costs only the tasks that exec, fork or exit. */
#include "kernel/lib/device_bytes.bpf.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/event_ring.bpf.h"
#include "kernel/lib/fp_state.bpf.h"
#include "kernel/lib/subject.bpf.h"
#include "kernel/process_abi.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The exec ended the other threads of the process. The sums of the group contain what they used. */
static __always_inline void fill_usage(struct process_exec_event* event, struct task_struct* task) {
    struct signal_struct* group = task->signal;
    event->thread_runtime_ns = task->se.sum_exec_runtime;
    event->runtime_ns = group->sum_sched_runtime + event->thread_runtime_ns;
    event->read_bytes = 0;
    event->written_bytes = 0;
    if (bpf_core_field_exists(group->ioac.rchar)) {
        event->read_bytes = group->ioac.rchar + task->ioac.rchar;
        event->written_bytes = group->ioac.wchar + task->ioac.wchar;
    }
    event->device_read_bytes = device_read_bytes(&group->ioac) + device_read_bytes(&task->ioac);
    event->device_written_bytes =
        device_written_bytes(&group->ioac) + device_written_bytes(&task->ioac);
    event->thread_user_ns = task->utime;
    event->thread_system_ns = task->stime;
    event->thread_voluntary_switches = task->nvcsw;
    event->thread_involuntary_switches = task->nivcsw;
}

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
    fill_usage(event, task);

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
    if (child->pid != child->tgid) return 0; /* a thread, which the pull sees */
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

/* The word of a thread that hardly ran is not worth reading: this runs for 10,000 short processes a
 * second. */
static __always_inline void fill_fp_word(struct process_exit_event* event,
                                         struct task_struct* task) {
    event->control_word = 0;
    event->fp_flags = 0;
    if (event->thread_runtime_ns < THREAD_EXIT_MINIMUM_NS || task->flags & PF_KTHREAD) return;
    struct fp_word word = {};
    long error = read_fp_word(&word, task);
    if (error) {
        count_error(ERROR_EXIT_FP_READ, error);
        return;
    }
    event->control_word = word.control_word;
    event->fp_flags = word.flags | FP_EXIT_WORD;
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
    event->thread_runtime_ns = runtime;
    event->thread_start_boottime_ns = task->start_boottime;
    if (last) {
        runtime += task->signal->sum_sched_runtime;
        /* A first thread that ended before the others is in no sum until the process is gone. */
        if (task->pid != task->tgid) runtime += task->group_leader->se.sum_exec_runtime;
    }
    event->runtime_ns = runtime;
    event->voluntary_switches = task->nvcsw;
    event->involuntary_switches = task->nivcsw;
    event->thread_id = task->pid;
    event->exit_code = task->exit_code;
    fill_fp_word(event, task);
    BPF_CORE_READ_STR_INTO(&event->command, task, comm);
    submit_event(event);
    return 0;
}
