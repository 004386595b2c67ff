// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source: the saved SSE control word of watched threads. RandomX changes the rounding mode in every
 * program that it runs (RandomX specification 5.4.1, CFROUND). The kernel saves the word whenever a
 * thread leaves its CPU, so reading it costs the thread nothing. By the other fields the agent
 * decides whether the word is that of the computation or that of the code that began to wait. */
#include "kernel/fp_mode_abi.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/fp_state.bpf.h"
#include "kernel/lib/subject.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Thread id -> start time of that thread, to detect a reused id. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, FP_WATCHED_THREADS);
    __type(key, __u32);
    __type(value, __u64);
} watched_threads SEC(".maps");

/* Process id -> start time of that process. All its computing threads are sampled, however short
 * they live. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, FP_WATCHED_PROCESSES);
    __type(key, __u32);
    __type(value, __u64);
} watched_processes SEC(".maps");

static __always_inline __u64 task_state(struct task_struct* task) {
    struct task_struct___before_5_14* old = (void*)task;
    if (bpf_core_field_exists(task->__state)) return task->__state;
    return BPF_CORE_READ(old, state);
}

static __always_inline __u32 task_cpu(struct task_struct* task) {
    struct task_struct___before_5_16* old = (void*)task;
    if (bpf_core_field_exists(task->thread_info.cpu)) return task->thread_info.cpu;
    return BPF_CORE_READ(old, cpu);
}

static __always_inline bool is_watched(struct task_struct* task) {
    __u32 id = task->pid;
    const __u64* start = bpf_map_lookup_elem(&watched_threads, &id);
    if (start && *start == task->start_boottime) return true;
    /* The word of a waiting thread says nothing about its work, so only the others matter. */
    if (task_state(task) != TASK_RUNNING) return false;
    id = task->tgid;
    start = bpf_map_lookup_elem(&watched_processes, &id);
    return start && *start == task->group_leader->start_boottime;
}

SEC("iter/task")
int sample_fp_modes(struct bpf_iter__task* context) {
    struct task_struct* task = context->task;
    if (!task || !is_watched(task)) return 0;

    struct fp_word word = {};
    long error = read_fp_word(&word, task);
    if (error) {
        count_error(ERROR_FP_STATE_READ, error);
        return 0;
    }
    struct fp_mode_record record = {
        .start_boottime_ns = task->start_boottime,
        .switches = task->nvcsw + task->nivcsw,
        .thread_id = task->pid,
        .control_word = word.control_word,
        .flags = word.flags,
        .layout = word.layout,
        .cpu = task_cpu(task),
        .policy = task->policy,
    };
    fill_subject(&record.subject, task);
    if (task_state(task) == TASK_RUNNING) record.flags |= FP_RUNNABLE;
    if (task->on_cpu) record.flags |= FP_ON_CPU;
    error = bpf_seq_write(context->meta->seq, &record, sizeof(record));
    if (error) count_error(ERROR_FP_RECORD_WRITE, error);
    return 0;
}
