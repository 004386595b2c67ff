// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source: TCP connections with their owner, and the first payload of both directions.
 *
 * inet_sock_set_state runs in every network namespace. At SYN_SENT the current task is the one that
 * called connect, so the owner is put into the socket's own storage there. The cgroup programs find
 * it there for each packet. A connection without storage was accepted, or is older than the agent.
 * It gets its storage with its first payload, and its owner from flow_holders.bpf.c if user space
 * searches for it. So a connection that carries nothing costs its accepting side nothing. User
 * space puts the pieces into TCP order. */
#include "kernel/flow_abi.h"
#include "kernel/lib/capture_budget.bpf.h"
#include "kernel/lib/dns_capture.bpf.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/event_ring.bpf.h"
#include "kernel/lib/flow_report.bpf.h"
#include "kernel/lib/flow_state.bpf.h"
#include "kernel/lib/reading_marks.bpf.h"
#include "kernel/lib/subject.bpf.h"
#include "kernel/lib/tcp_segment.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void on_connecting(struct sock* socket) {
    struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
    if (!state) {
        count_error(ERROR_FLOW_STORAGE_CREATE, 0);
        return;
    }
    /* A socket can connect again after a failure. */
    __builtin_memset(state, 0, sizeof(*state));
    fill_subject(&state->owner, bpf_get_current_task_btf());
    state->flow_id = bpf_get_socket_cookie(socket);
    if (!take_budget(state->owner.pid)) skip_payload(state);
}

/* The process that listens on a port is reported when it begins and when it ends. It is the best
 * guess for the owner of an accepted connection that ends before its holder was searched for. */
static __always_inline void on_listener(struct sock* socket, enum event_type type) {
    struct flow_state state = {.flow_id = bpf_get_socket_cookie(socket)};
    fill_subject(&state.owner, bpf_get_current_task_btf());
    report_flow(socket, &state, type, ERROR_LISTEN_RING_FULL);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_socket_state, struct sock* socket, int old_state, int new_state) {
    if (new_state != TCP_SYN_SENT && new_state != TCP_ESTABLISHED && new_state != TCP_CLOSE &&
        new_state != TCP_LISTEN)
        return 0;
    if (socket->sk_protocol != IPPROTO_TCP) return 0;
    if (new_state == TCP_SYN_SENT) {
        on_connecting(socket);
        return 0;
    }
    if (new_state == TCP_LISTEN || old_state == TCP_LISTEN) {
        on_listener(socket, new_state == TCP_LISTEN ? EVENT_LISTEN_BEGIN : EVENT_LISTEN_END);
        return 0;
    }
    struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
    if (!state) return 0;
    if (new_state == TCP_ESTABLISHED) {
        start_streams(socket, state);
        report_flow(socket, state, EVENT_FLOW_OPEN, ERROR_FLOW_OPEN_RING_FULL);
    } else if (is_reported(state)) {
        report_flow(socket, state, EVENT_FLOW_CLOSE, ERROR_FLOW_CLOSE_RING_FULL);
    }
    return 0;
}

/* True if the end of the handshake was not seen: the kernel does not run a tracing program while
 * the same program runs on that CPU, so on_socket_state misses what a softirq does meanwhile. */
static __always_inline bool is_handshake_missed(const struct flow_state* state,
                                                const struct bpf_sock* socket) {
    return !state->established && socket->state != BPF_TCP_SYN_SENT &&
           socket->state != BPF_TCP_SYN_RECV;
}

/* A payload of a connection that has no storage yet (accepted, or older than the agent), that was
 * skipped and may ask for budget again, that is to be read again, or whose handshake was not seen.
 * The kernel's counts tell whether a direction carried payload before. If so, it is captured from
 * the first segment seen. Two CPUs can come here at once: they write the same, and user space drops
 * the second report, or restarts if it had asked for this. */
static __always_inline struct flow_state* begin_later(struct __sk_buff* packet,
                                                      struct bpf_sock* socket,
                                                      const struct tcp_segment* segment,
                                                      enum flow_direction direction) {
    /* A deferred accept (TCP_DEFER_ACCEPT) shows its first data to the listener. */
    if (socket->state == TCP_LISTEN) return NULL;
    struct tcp_sock* tcp = bpf_skc_to_tcp_sock(socket);
    if (!tcp) return NULL;
    struct sock* any = (struct sock*)tcp;
    struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
    if (!state) {
        count_error(ERROR_FLOW_STORAGE_CREATE, 0);
        return NULL;
    }
    state->flow_id = bpf_get_socket_cookie(packet);
    state->established = true;
    __u32 port = any->__sk_common.skc_num;
    __u32 network_namespace = any->__sk_common.skc_net.net->ns.inum;
    __u32 payer = FLOW_BUDGET_PORT | (((network_namespace << 16) | port) & ~FLOW_BUDGET_PORT);
    if (state->owner.pid != 0) payer = state->owner.pid;
    /* User space bounds how many are read again. */
    if (!state->read_again && !take_budget(payer)) {
        skip_payload(state);
        return state;
    }
    state->skipped = false;
    __builtin_memset(state->streams, 0, sizeof(state->streams));
    struct stream_state* sent = &state->streams[FLOW_SENT];
    sent->first_sequence = tcp->snd_una;
    /* bytes_acked counts the SYN of a side that connected; bytes_sent includes this segment. */
    sent->started =
        tcp->bytes_acked <= 1 &&
        (direction == FLOW_SENT ? segment->sequence == tcp->snd_una : tcp->bytes_sent == 0);
    struct stream_state* received = &state->streams[FLOW_RECEIVED];
    received->first_sequence = tcp->rcv_nxt;
    received->started = tcp->bytes_received == 0;
    state->in_middle = !sent->started || !received->started;
    report_flow(any, state, EVENT_FLOW_OPEN, ERROR_FLOW_OPEN_RING_FULL);
    state->read_again = false;
    return state;
}

/* The ring needs constant sizes (here powers of two). There are three of them, so that a short
 * login does not reserve four kilobytes. The mask states the bound 1..bytes in a form that every
 * verifier understands. The barrier keeps clang, which knows the bound already, from removing it.
 */
#define HAND_OVER(bytes)                                                                           \
    do {                                                                                           \
        struct flow_payload_event* event =                                                         \
            bpf_ringbuf_reserve(&events, sizeof(*event) + (bytes), 0);                             \
        if (!event) {                                                                              \
            count_error(ERROR_FLOW_PAYLOAD_RING_FULL, 0);                                          \
            return;                                                                                \
        }                                                                                          \
        fill_header(&event->header, EVENT_FLOW_PAYLOAD, sizeof(*event) + (bytes));                 \
        event->flow_id = state->flow_id;                                                           \
        event->offset = offset;                                                                    \
        event->length = length;                                                                    \
        event->direction = direction;                                                              \
        barrier_var(length);                                                                       \
        length = ((length - 1) & ((bytes) - 1)) + 1;                                               \
        long error = bpf_skb_load_bytes(packet, segment->payload_offset, event + 1, length);       \
        if (error) {                                                                               \
            count_error(ERROR_FLOW_PAYLOAD_READ, error);                                           \
            bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);                                          \
            return;                                                                                \
        }                                                                                          \
        submit_event(event);                                                                       \
    } while (0)

static __always_inline void hand_over(struct __sk_buff* packet, const struct flow_state* state,
                                      const struct tcp_segment* segment,
                                      enum flow_direction direction, __u32 offset, __u32 length) {
    if (length <= 256)
        HAND_OVER(256);
    else if (length <= 1024)
        HAND_OVER(1024);
    else
        HAND_OVER(FLOW_CAPTURE_BYTES);
}

static __always_inline void capture(struct __sk_buff* packet, enum flow_direction direction) {
    struct tcp_segment segment = {};
    if (!find_payload(packet, &segment)) return;
    struct bpf_sock* socket = full_socket(packet);
    if (!socket) return;
    struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
    if (!state || is_marked(state) || is_handshake_missed(state, socket) ||
        (state->skipped && bpf_ktime_get_ns() > state->retry_ns))
        state = begin_later(packet, socket, &segment, direction);
    if (!state) return;
    struct stream_state* stream = &state->streams[direction];
    if (stream->finished) return;
    /* A SYN after the handshake does not belong to the connection. TCP drops it after this ran. */
    if ((segment.synchronises && !state->established) || (state->in_middle && !stream->started)) {
        stream->first_sequence = segment.sequence;
        stream->started = true;
    }
    if (!stream->started) return;
    if (segment.urgent) count_error(ERROR_FLOW_PAYLOAD_URGENT, 0);

    /* Modulo 2^32: an offset before the first byte (a keep-alive probe) becomes very large. */
    __u32 offset = segment.sequence - stream->first_sequence;
    if (offset >= FLOW_CAPTURE_BYTES) return;
    __u32 length = segment.payload_bytes;
    if (length > FLOW_CAPTURE_BYTES - offset) length = FLOW_CAPTURE_BYTES - offset;
    if (offset + length <= stream->contiguous) return; /* a retransmission */

    hand_over(packet, state, &segment, direction, offset, length);
    stream->handed_over += length;
    if (offset <= stream->contiguous) stream->contiguous = offset + length;
    if (stream->contiguous >= FLOW_CAPTURE_BYTES) {
        stream->finished = true;
    } else if (stream->handed_over >= FLOW_CAPTURE_LIMIT) {
        stream->finished = true;
        count_error(ERROR_FLOW_PAYLOAD_LIMIT, 0);
    }
}

SEC("cgroup_skb/egress")
int on_egress(struct __sk_buff* packet) {
    capture(packet, FLOW_SENT);
    return 1; /* always let it pass */
}

SEC("cgroup_skb/ingress")
int on_ingress(struct __sk_buff* packet) {
    capture_dns(packet); /* first, because this order halves the work of the verifier */
    capture(packet, FLOW_RECEIVED);
    return 1;
}
