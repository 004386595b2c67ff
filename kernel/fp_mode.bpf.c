// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sensor: the saved SSE control word of watched threads. RandomX changes the rounding mode inside
 * every program it runs (RandomX specification 5.4.1, CFROUND); the kernel saves the word whenever
 * a thread leaves its CPU, so reading it costs the thread nothing. Whether the word tells what the
 * thread computes or only where it went to wait, the agent judges by the other fields. */
#include "kernel/fp_mode_abi.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define MXCSR_DEFAULT 0x1f80u
/* XSTATE_BV bits (Intel SDM volume 1, 13.4.2): when both are clear the components are in their
 * initial state and the stored word is not to be read. */
#define XSTATE_SSE (1u << 1)
#define XSTATE_AVX (1u << 2)

/* Thread id -> start time of that thread, so a reused id is not taken for the old thread. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, FP_WATCHED_THREADS);
    __type(key, __u32);
    __type(value, __u64);
} watched_threads SEC(".maps");

struct fp_location {
    const union fpregs_state* registers;
    enum fp_layout layout;
    bool guest;
};

static __always_inline void from_fpstate(struct fp_location* location, const struct fpu* fpu) {
    const struct fpstate* state = BPF_CORE_READ(fpu, fpstate);
    location->registers = &state->regs;
    if (bpf_core_field_exists(state->is_guest))
        location->guest = BPF_CORE_READ_BITFIELD_PROBED(state, is_guest);
}

static __always_inline struct fp_location locate(struct task_struct* task) {
    struct fp_location location = {};
    struct task_struct___before_6_16* middle = (void*)task;
    struct task_struct___before_5_16* old = (void*)task;
    if (bpf_core_field_exists(old->thread.fpu.state)) {
        location.layout = FP_LAYOUT_THREAD_STATE;
        location.registers = &old->thread.fpu.state;
    } else if (bpf_core_field_exists(middle->thread.fpu)) {
        location.layout = FP_LAYOUT_THREAD_FPSTATE;
        from_fpstate(&location, &middle->thread.fpu);
    } else if (bpf_core_type_exists(struct fpstate)) {
        location.layout = FP_LAYOUT_AFTER_TASK;
        from_fpstate(&location, (void*)task + bpf_core_type_size(struct task_struct));
    }
    return location;
}

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

SEC("iter/task")
int sample_fp_modes(struct bpf_iter__task* context) {
    struct task_struct* task = context->task;
    if (!task) return 0;
    __u32 thread_id = task->pid;
    const __u64* start = bpf_map_lookup_elem(&watched_threads, &thread_id);
    if (!start || *start != task->start_boottime) return 0;

    struct fp_location location = locate(task);
    struct fp_mode_record record = {
        .thread_id = thread_id,
        .control_word = MXCSR_DEFAULT,
        .switches = task->nvcsw + task->nivcsw,
        .layout = location.layout,
        .cpu = task_cpu(task),
        .policy = task->policy,
    };
    if (location.guest) record.flags |= FP_GUEST_STATE;
    if (task_state(task) == TASK_RUNNING) record.flags |= FP_RUNNABLE;
    if (task->on_cpu) record.flags |= FP_ON_CPU;
    /* bpf_core_read relocates every step of the expression it is given: name only kernel types. */
    const union fpregs_state* registers = location.registers;
    __u64 features = 0;
    long error = bpf_core_read(&features, sizeof(features), &registers->xsave.header.xfeatures);
    if (!error && !(features & (XSTATE_SSE | XSTATE_AVX)))
        record.flags |= FP_INITIAL_STATE;
    else if (!error)
        error = bpf_core_read(&record.control_word, sizeof(record.control_word),
                              &registers->fxsave.mxcsr);
    if (error) {
        count_error(ERROR_FP_STATE_READ, error);
        return 0;
    }
    error = bpf_seq_write(context->meta->seq, &record, sizeof(record));
    if (error) count_error(ERROR_FP_RECORD_WRITE, error);
    return 0;
}
