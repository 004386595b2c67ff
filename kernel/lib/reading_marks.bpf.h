/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/flow_abi.h"
#include "kernel/lib/flow_state.bpf.h"

#include <bpf/bpf_helpers.h>

/* Connections that are to be read again, by cookie. A mark stays until the connection carries
 * payload. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, FLOW_MARKS_MAXIMUM);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u64);
    __type(value, __u8);
} reading_marks SEC(".maps");

/* User space first adds marks and then increments the round. Each connection looks for its mark
 * once per round, so any other packet costs one comparison. */
volatile __u32 reading_round = 0;

/* True if the connection is to be read again from this payload on. */
static __always_inline bool is_marked(struct flow_state* state) {
    __u32 round = reading_round;
    if (state->reading_round == round) return state->read_again;
    state->reading_round = round;
    __u64 flow_id = state->flow_id;
    if (!bpf_map_lookup_elem(&reading_marks, &flow_id)) return state->read_again;
    bpf_map_delete_elem(&reading_marks, &flow_id);
    state->read_again = true;
    return true;
}
