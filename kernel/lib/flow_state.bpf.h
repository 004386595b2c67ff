/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/flow_abi.h"
#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_helpers.h>

struct stream_state {
    __u32 first_sequence; /* TCP sequence number of payload byte 0 */
    __u32 contiguous;     /* bytes from 0 on that were handed over without a gap */
    __u32 handed_over;    /* all bytes that were handed over, with retransmissions */
    __u8 started;         /* first_sequence is known */
    __u8 finished;        /* nothing more to capture */
};

struct flow_state {
    struct subject_id owner; /* pid 0: not known */
    __u64 flow_id;
    __u8 established;
    __u8 skipped;                   /* no capture budget was left; it asks again later */
    __u8 in_middle;                 /* at least one direction carried payload before */
    __u8 read_again;                /* from the next payload on, as user space asked */
    __u32 reading_round;            /* the last round in which it looked for its mark */
    struct stream_state streams[2]; /* by enum flow_direction */
    __u64 retry_ns;                 /* when it may ask for budget again */
};

struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct flow_state);
} flows SEC(".maps");

/* The socket of a packet, or NULL if it has none, or one that is no connection yet. */
static __always_inline struct bpf_sock* full_socket(struct __sk_buff* packet) {
    struct bpf_sock* socket = packet->sk;
    return socket ? bpf_sk_fullsock(socket) : NULL;
}

/* Nothing is captured until the span of the budget is over. Not forever: otherwise a program could
 * open many connections first, and the one that matters would never be read. */
static __always_inline void skip_payload(struct flow_state* state) {
    state->skipped = true;
    state->retry_ns = bpf_ktime_get_ns() + FLOW_BUDGET_SPAN_NS;
    state->streams[FLOW_SENT].finished = true;
    state->streams[FLOW_RECEIVED].finished = true;
}
