/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/flow_abi.h"
#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_helpers.h>

struct stream_state {
    __u32 first_sequence; /* TCP sequence number of payload byte 0 */
    __u32 contiguous;     /* bytes from 0 already handed over without a gap */
    __u32 handed_over;    /* bytes handed over in all, retransmissions included */
    __u8 started;         /* first_sequence is known */
    __u8 finished;        /* nothing more to capture */
};

struct flow_state {
    struct subject_id owner; /* pid 0: not known */
    __u64 flow_id;
    __u8 established;
    __u8 skipped;                   /* the capture budget was spent; looked at again later */
    __u8 in_middle;                 /* payload went before in at least one direction */
    __u8 read_again;                /* from the next payload on, for user space asked for it */
    __u32 reading_round;            /* the last in which it looked for its mark */
    struct stream_state streams[2]; /* by enum flow_direction */
    __u64 retry_ns;                 /* when a skipped one may ask for budget again */
};

struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct flow_state);
} flows SEC(".maps");

/* The socket of a packet, NULL if it has none or one that is no connection yet. */
static __always_inline struct bpf_sock* full_socket(struct __sk_buff* packet) {
    struct bpf_sock* socket = packet->sk;
    return socket ? bpf_sk_fullsock(socket) : NULL;
}

/* Nothing is captured until the budget has had its span. Not for ever: else whoever opens many
 * connections first could keep the one that matters from being read for as long as it lasts. */
static __always_inline void skip_payload(struct flow_state* state) {
    state->skipped = true;
    state->retry_ns = bpf_ktime_get_ns() + FLOW_BUDGET_SPAN_NS;
    state->streams[FLOW_SENT].finished = true;
    state->streams[FLOW_RECEIVED].finished = true;
}
