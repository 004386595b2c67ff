// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source: the process table, pulled once a window (records) and every two seconds (runtimes only).
 */
#include "kernel/lib/device_bytes.bpf.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/subject.bpf.h"
#include "kernel/task_abi.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The scan for hot threads leaves out those that cannot be hot yet. */
#define HOT_SCAN_MINIMUM_NS 100000000ull
#define DEFAULT_PRIORITY 120

/* How many threads are looked at to find one that lives. Only exiting threads have no memory, so
 * one of the first two usually has. */
#define THREADS_LOOKED_AT 16

/* A program can go on in its other threads after its first one has ended, whose memory is gone.
 * Reads by address, because the verifier does not follow lists. */
static __always_inline struct mm_struct* memory_of_others(struct task_struct* task) {
    struct signal_struct* group = BPF_CORE_READ(task, signal);
    void* head = (void*)group + bpf_core_field_offset(struct signal_struct, thread_head);
    struct list_head* node = BPF_CORE_READ(group, thread_head.next);
    for (int i = 0; i < THREADS_LOOKED_AT && node && (void*)node != head; i++) {
        struct task_struct* thread =
            (void*)node - bpf_core_field_offset(struct task_struct, thread_node);
        struct mm_struct* mm = BPF_CORE_READ(thread, mm);
        if (mm) return mm;
        node = BPF_CORE_READ(node, next);
    }
    return NULL;
}

/* Resident pages of one kind (MM_*PAGES), in bytes. A macro, because an index that is relocated
 * must be a constant. */
#define RESIDENT_BYTES(mm, kind)                                                                   \
    ({                                                                                             \
        struct mm_struct___before_6_2* old = (void*)(mm);                                          \
        __s64 pages = bpf_core_field_exists(old->rss_stat.count)                                   \
                          ? (__s64)BPF_CORE_READ(old, rss_stat.count[kind].counter)                \
                          : (__s64)BPF_CORE_READ(mm, rss_stat[kind].count);                        \
        pages > 0 ? (__u64)pages << PAGE_SHIFT : 0;                                                \
    })

static __always_inline void fill_memory(struct process_record* record, struct mm_struct* mm) {
    record->anonymous_bytes = RESIDENT_BYTES(mm, MM_ANONPAGES);
    record->shared_bytes = RESIDENT_BYTES(mm, MM_SHMEMPAGES);
    record->file_bytes = RESIDENT_BYTES(mm, MM_FILEPAGES);
    if (!bpf_core_field_exists(mm->hugetlb_usage)) return;
    __s64 huge = BPF_CORE_READ(mm, hugetlb_usage.counter);
    record->huge_bytes = huge > 0 ? (__u64)huge << PAGE_SHIFT : 0;
}

static __always_inline void write_process(struct seq_file* out, struct task_struct* task) {
    struct process_record record = {};
    record.header.type = TASK_RECORD_PROCESS;
    record.header.size = sizeof(record);
    fill_subject(&record.subject, task);
    struct signal_struct* group = task->signal;
    record.exited_runtime_ns = group->sum_sched_runtime;
    if (bpf_core_field_exists(group->ioac.rchar)) {
        record.exited_read_bytes = group->ioac.rchar;
        record.exited_written_bytes = group->ioac.wchar;
    }
    record.exited_device_read_bytes = device_read_bytes(&group->ioac);
    record.exited_device_written_bytes = device_written_bytes(&group->ioac);
    record.cgroup_id = task->cgroups->dfl_cgrp->kn->id;
    struct mm_struct* mm = task->mm;
    if (mm) {
        struct inode* inode = mm->exe_file->f_inode;
        record.file_inode = inode->i_ino;
        record.file_device = inode->i_sb->s_dev;
        record.file_links = inode->i_nlink;
        fill_memory(&record, mm);
    } else if ((mm = memory_of_others(task))) {
        struct inode* inode = BPF_CORE_READ(mm, exe_file, f_inode);
        record.file_inode = BPF_CORE_READ(inode, i_ino);
        record.file_device = BPF_CORE_READ(inode, i_sb, s_dev);
        record.file_links = BPF_CORE_READ(inode, i_nlink);
        fill_memory(&record, mm);
    }
    record.parent_pid = task->real_parent->tgid;
    record.user_id = task->cred->uid.val;
    record.threads = group->nr_threads;
    BPF_CORE_READ_STR_INTO(&record.command, task, comm);
    long error = bpf_seq_write(out, &record, sizeof(record));
    if (error) count_error(ERROR_TASK_PROCESS_WRITE, error);
}

static __always_inline void write_thread(struct seq_file* out, struct task_struct* task) {
    struct thread_record record = {};
    record.header.type = TASK_RECORD_THREAD;
    record.header.size = sizeof(record);
    record.process_start_boottime_ns = task->group_leader->start_boottime;
    record.start_boottime_ns = task->start_boottime;
    record.pid = task->tgid;
    record.thread_id = task->pid;
    record.runtime_ns = task->se.sum_exec_runtime;
    record.user_ns = task->utime;
    record.system_ns = task->stime;
    record.voluntary_switches = task->nvcsw;
    record.involuntary_switches = task->nivcsw;
    if (bpf_core_field_exists(task->ioac.rchar)) {
        record.read_bytes = task->ioac.rchar;
        record.written_bytes = task->ioac.wchar;
    }
    record.device_read_bytes = device_read_bytes(&task->ioac);
    record.device_written_bytes = device_written_bytes(&task->ioac);
    record.allowed_cpus = task->nr_cpus_allowed;
    record.nice = task->static_prio - DEFAULT_PRIORITY;
    record.policy = task->policy;
    long error = bpf_seq_write(out, &record, sizeof(record));
    if (error) count_error(ERROR_TASK_THREAD_WRITE, error);
}

SEC("iter/task")
int pull_tasks(struct bpf_iter__task* context) {
    struct task_struct* task = context->task;
    if (!task || task->flags & PF_KTHREAD) return 0;
    if (task->signal->live.counter == 0) return 0; /* a zombie */
    if (task->pid == task->tgid) write_process(context->meta->seq, task);
    if (task->se.sum_exec_runtime >= THREAD_RECORD_MINIMUM_NS)
        write_thread(context->meta->seq, task);
    return 0;
}

SEC("iter/task")
int pull_runtimes(struct bpf_iter__task* context) {
    struct task_struct* task = context->task;
    if (!task || task->flags & PF_KTHREAD) return 0;
    if (task->se.sum_exec_runtime < HOT_SCAN_MINIMUM_NS) return 0;
    struct thread_runtime_record record = {
        .pid = task->tgid,
        .thread_id = task->pid,
        .start_boottime_ns = task->start_boottime,
        .runtime_ns = task->se.sum_exec_runtime,
    };
    long error = bpf_seq_write(context->meta->seq, &record, sizeof(record));
    if (error) count_error(ERROR_TASK_THREAD_WRITE, error);
    return 0;
}
