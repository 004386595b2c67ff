// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* For programs_bpf_test.cpp: two programs that every kernel accepts, and two that none does. */
#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} shared_counter SEC(".maps");

static __always_inline void count(void) {
    __u32 key = 0;
    __u64* value = bpf_map_lookup_elem(&shared_counter, &key);
    if (value) __sync_fetch_and_add(value, 1);
}

SEC("iter/task")
int first_good(struct bpf_iter__task* context) {
    count();
    return 0;
}

/* The verifier wants the pointer checked. */
SEC("iter/task")
int rejected_by_the_verifier(struct bpf_iter__task* context) {
    return context->task->pid == 1;
}

SEC("tp_btf/no_such_tracepoint")
int without_a_hook(void* context) {
    count();
    return 0;
}

SEC("iter/task")
int second_good(struct bpf_iter__task* context) {
    count();
    return 0;
}
