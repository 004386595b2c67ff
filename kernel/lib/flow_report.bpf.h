/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/flow_abi.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/event_ring.bpf.h"
#include "kernel/lib/flow_state.bpf.h"
#include "kernel/lib/socket_address.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

static __always_inline void report_flow(struct sock* socket, const struct flow_state* state,
                                        enum event_type type, enum error_place if_full) {
    struct flow_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        count_error(if_full, 0);
        return;
    }
    fill_header(&event->header, type, sizeof(*event));
    event->owner = state->owner;
    event->flow_id = state->flow_id;
    if (socket->__sk_common.skc_family == AF_INET6) {
        BPF_CORE_READ_INTO(&event->local_address, socket, __sk_common.skc_v6_rcv_saddr);
        BPF_CORE_READ_INTO(&event->remote_address, socket, __sk_common.skc_v6_daddr);
    } else {
        map_ipv4(event->local_address, socket->__sk_common.skc_rcv_saddr);
        map_ipv4(event->remote_address, socket->__sk_common.skc_daddr);
    }
    event->local_port = socket->__sk_common.skc_num;
    event->remote_port = bpf_ntohs(socket->__sk_common.skc_dport);
    event->flags =
        (state->established ? FLOW_ESTABLISHED : 0) | (state->skipped ? FLOW_PAYLOAD_SKIPPED : 0) |
        (state->in_middle ? FLOW_IN_MIDDLE : 0) | (state->read_again ? FLOW_READ_AGAIN : 0);
    event->network_namespace = socket->__sk_common.skc_net.net->ns.inum;
    event->reserved = 0;
    const struct tcp_sock* tcp = NULL;
    if (type == EVENT_FLOW_CLOSE || state->in_middle) tcp = bpf_skc_to_tcp_sock(socket);
    event->bytes_sent = tcp ? tcp->bytes_sent : 0;
    event->bytes_received = tcp ? tcp->bytes_received : 0;
    event->segments_sent = tcp ? tcp->data_segs_out : 0;
    event->segments_received = tcp ? tcp->data_segs_in : 0;
    submit_event(event);
}

/* A connection without owner whose payload is not captured is of no use to user space. */
static __always_inline bool is_reported(const struct flow_state* state) {
    return state->owner.pid != 0 || !state->skipped;
}

/* The handshake is complete. The sequence numbers of both first bytes follow from the current
 * positions and the bytes counted so far. bytes_acked counts the SYN as one, bytes_received does
 * not. */
static __always_inline void start_streams(struct sock* socket, struct flow_state* state) {
    state->established = true;
    struct tcp_sock* tcp = bpf_skc_to_tcp_sock(socket);
    if (!tcp) return;
    state->streams[FLOW_SENT].first_sequence = tcp->snd_una - (__u32)tcp->bytes_acked + 1;
    state->streams[FLOW_SENT].started = true;
    state->streams[FLOW_RECEIVED].first_sequence = tcp->rcv_nxt - (__u32)tcp->bytes_received;
    state->streams[FLOW_RECEIVED].started = true;
}
