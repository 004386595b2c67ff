// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sensor: outbound TCP connections with their owner, and the first payload of both directions.
 *
 * inet_sock_set_state runs in every network namespace. At SYN_SENT the current task is the one that
 * called connect, so the owner is put into the socket's own storage there; the cgroup programs find
 * it again on each packet. Sockets without storage (accepted ones, and those from before the agent)
 * cost one empty lookup. User space puts the pieces into TCP order. */
#include "kernel/flow_abi.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/event_ring.bpf.h"
#include "kernel/lib/subject.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct stream_state {
    __u32 first_sequence; /* TCP sequence number of payload byte 0 */
    __u32 contiguous;     /* bytes from 0 already handed over without a gap */
    __u32 handed_over;    /* bytes handed over in all, retransmissions included */
    __u8 started;         /* first_sequence is known */
    __u8 finished;        /* nothing more to capture */
};

struct flow_state {
    struct subject_id owner;
    __u64 flow_id;
    __u8 established;
    __u8 skipped;                   /* the owner's capture budget was spent */
    struct stream_state streams[2]; /* by enum flow_direction */
};

struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct flow_state);
} flows SEC(".maps");

struct capture_budget {
    __u64 span_start_ns;
    __u32 connections;
    __u32 reserved;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, __u32);
    __type(value, struct capture_budget);
} capture_budgets SEC(".maps");

/* True if the process may have one more connection's payload captured. */
static __always_inline bool take_budget(__u32 pid) {
    __u64 now = bpf_ktime_get_ns();
    struct capture_budget* budget = bpf_map_lookup_elem(&capture_budgets, &pid);
    if (!budget) {
        struct capture_budget fresh = {.span_start_ns = now, .connections = 1};
        long error = bpf_map_update_elem(&capture_budgets, &pid, &fresh, BPF_ANY);
        if (error) count_error(ERROR_FLOW_BUDGET_UPDATE, error);
        return true;
    }
    if (now - budget->span_start_ns > FLOW_BUDGET_SPAN_NS) {
        budget->span_start_ns = now;
        budget->connections = 0;
    }
    if (budget->connections >= FLOW_BUDGET_CONNECTIONS) {
        count_error(ERROR_FLOW_PAYLOAD_BUDGET, 0);
        return false;
    }
    __sync_fetch_and_add(&budget->connections, 1);
    return true;
}

static __always_inline void map_ipv4(__u8 address[16], __be32 ipv4) {
    __builtin_memset(address, 0, 10);
    address[10] = address[11] = 0xff;
    __builtin_memcpy(address + 12, &ipv4, sizeof(ipv4));
}

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
        (state->established ? FLOW_ESTABLISHED : 0) | (state->skipped ? FLOW_PAYLOAD_SKIPPED : 0);
    event->network_namespace = socket->__sk_common.skc_net.net->ns.inum;
    event->reserved = 0;
    const struct tcp_sock* tcp = type == EVENT_FLOW_CLOSE ? bpf_skc_to_tcp_sock(socket) : NULL;
    event->bytes_sent = tcp ? tcp->bytes_sent : 0;
    event->bytes_received = tcp ? tcp->bytes_received : 0;
    submit_event(event);
}

static __always_inline void on_connecting(struct sock* socket) {
    struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
    if (!state) {
        count_error(ERROR_FLOW_STORAGE_CREATE, 0);
        return;
    }
    /* A socket may connect again after a failure. */
    __builtin_memset(state, 0, sizeof(*state));
    fill_subject(&state->owner, bpf_get_current_task_btf());
    state->flow_id = bpf_get_socket_cookie(socket);
    if (!take_budget(state->owner.pid)) {
        state->skipped = true;
        state->streams[FLOW_SENT].finished = true;
        state->streams[FLOW_RECEIVED].finished = true;
    }
}

/* The handshake is over: the sequence numbers of both first bytes follow from the positions now and
 * the bytes counted so far. bytes_acked counts the SYN as one, bytes_received does not. */
static __always_inline void on_established(struct sock* socket, struct flow_state* state) {
    state->established = true;
    struct tcp_sock* tcp = bpf_skc_to_tcp_sock(socket);
    if (!tcp) return;
    state->streams[FLOW_SENT].first_sequence = tcp->snd_una - (__u32)tcp->bytes_acked + 1;
    state->streams[FLOW_SENT].started = true;
    state->streams[FLOW_RECEIVED].first_sequence = tcp->rcv_nxt - (__u32)tcp->bytes_received;
    state->streams[FLOW_RECEIVED].started = true;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_socket_state, struct sock* socket, int old_state, int new_state) {
    if (new_state != TCP_SYN_SENT && new_state != TCP_ESTABLISHED && new_state != TCP_CLOSE)
        return 0;
    if (socket->sk_protocol != IPPROTO_TCP) return 0;
    if (new_state == TCP_SYN_SENT) {
        on_connecting(socket);
        return 0;
    }
    struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
    if (!state) return 0;
    if (new_state == TCP_ESTABLISHED) {
        on_established(socket, state);
        report_flow(socket, state, EVENT_FLOW_OPEN, ERROR_FLOW_OPEN_RING_FULL);
    } else {
        report_flow(socket, state, EVENT_FLOW_CLOSE, ERROR_FLOW_CLOSE_RING_FULL);
    }
    return 0;
}

struct tcp_segment {
    __u32 sequence; /* of the first payload byte */
    __u32 payload_offset;
    __u32 payload_bytes;
    bool synchronises; /* carries SYN: data on it is TCP Fast Open (RFC 7413) */
};

#define IPV6_EXTENSIONS_MAXIMUM 6
#define IPV6_HEADERS_MAXIMUM 1024

/* Offset of the TCP header behind IPv6 extension headers (RFC 8200 4), 0 if there is none. */
static __always_inline __u32 skip_ipv6_extensions(struct __sk_buff* packet, __u8 next_header) {
    __u32 offset = sizeof(struct ipv6hdr);
    for (int i = 0; i < IPV6_EXTENSIONS_MAXIMUM; i++) {
        /* hop-by-hop, routing, destination options */
        if (next_header != 0 && next_header != 43 && next_header != 60) return 0;
        __u8 extension[2];
        if (bpf_skb_load_bytes(packet, offset, extension, 2)) return 0;
        next_header = extension[0];
        offset += ((__u32)extension[1] + 1) * 8;
        if (next_header == IPPROTO_TCP) return offset;
    }
    return 0;
}

/* True if the packet carries TCP payload. Runs for every packet of the host, so it reads the
 * headers in place; most packets of short connections end here. The family comes from the packet:
 * an AF_INET6 socket may carry IPv4. */
static __always_inline bool find_payload(struct __sk_buff* packet, struct tcp_segment* segment) {
    void* data = (void*)(long)packet->data;
    void* end = (void*)(long)packet->data_end;
    struct iphdr* ipv4 = data;
    struct ipv6hdr* ipv6 = data;
    if ((void*)(ipv4 + 1) > end) return false;
    __u32 offset = 0;
    if (ipv4->version == 4) {
        if (ipv4->protocol != IPPROTO_TCP) return false;
        offset = ipv4->ihl * 4;
    } else {
        if (ipv4->version != 6 || (void*)(ipv6 + 1) > end) return false;
        offset = ipv6->nexthdr == IPPROTO_TCP ? sizeof(*ipv6)
                                              : skip_ipv6_extensions(packet, ipv6->nexthdr);
        if (offset == 0 || offset > IPV6_HEADERS_MAXIMUM) return false;
    }
    struct tcphdr* tcp = data + offset;
    if ((void*)(tcp + 1) > end) return false;
    segment->payload_offset = offset + tcp->doff * 4;
    if (packet->len <= segment->payload_offset) return false;
    segment->payload_bytes = packet->len - segment->payload_offset;
    segment->synchronises = tcp->syn;
    segment->sequence = bpf_ntohl(tcp->seq) + segment->synchronises;
    return true;
}

/* The ring wants constant sizes (powers of two here); three keep a short login from reserving four
 * kilobytes. The mask states the bound 1..bytes in a form every verifier follows; the barrier keeps
 * clang, which knows the bound already, from removing it. */
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
    struct bpf_sock* socket = packet->sk;
    if (!socket) return;
    socket = bpf_sk_fullsock(socket);
    if (!socket) return;
    struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
    if (!state) return;
    struct stream_state* stream = &state->streams[direction];
    if (stream->finished) return;
    if (segment.synchronises) {
        stream->first_sequence = segment.sequence;
        stream->started = true;
    }
    if (!stream->started) return;

    /* Modulo 2^32: what lies before the first byte (a keep-alive probe) becomes very large. */
    __u32 offset = segment.sequence - stream->first_sequence;
    if (offset >= FLOW_CAPTURE_BYTES) return;
    __u32 length = segment.payload_bytes;
    if (length > FLOW_CAPTURE_BYTES - offset) length = FLOW_CAPTURE_BYTES - offset;
    if (offset + length <= stream->contiguous) return; /* a retransmission of what was seen */

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
    return 1; /* let it pass, always */
}

SEC("cgroup_skb/ingress")
int on_ingress(struct __sk_buff* packet) {
    capture(packet, FLOW_RECEIVED);
    return 1;
}
