/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/fp_mode_abi.h"
#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define MXCSR_DEFAULT 0x1f80u
/* XSTATE_BV bits (Intel SDM volume 1, 13.4.2). If both are clear, the components are in their
 * initial state, and the stored word is not valid. */
#define XSTATE_SSE (1u << 1)
#define XSTATE_AVX (1u << 2)

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

/* The SSE control word of `task` when it last left a CPU, with FP_INITIAL_STATE and FP_GUEST_STATE.
 */
struct fp_word {
    __u32 control_word;
    __u32 flags;
    __u32 layout;
};

/* `task` as in fill_subject(). Returns the helper's error. */
static __always_inline long read_fp_word(struct fp_word* word, struct task_struct* task) {
    struct fp_location location = locate(task);
    word->control_word = MXCSR_DEFAULT;
    word->flags = location.guest ? FP_GUEST_STATE : 0;
    word->layout = location.layout;
    /* bpf_core_read relocates every step of its expression, so it must contain kernel types only.
     */
    const union fpregs_state* registers = location.registers;
    __u64 features = 0;
    long error = bpf_core_read(&features, sizeof(features), &registers->xsave.header.xfeatures);
    if (error) return error;
    if (!(features & (XSTATE_SSE | XSTATE_AVX))) {
        word->flags |= FP_INITIAL_STATE;
        return 0;
    }
    return bpf_core_read(&word->control_word, sizeof(word->control_word), &registers->fxsave.mxcsr);
}
