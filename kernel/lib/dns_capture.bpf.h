/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Captures answers of name servers. Called by the only ingress program (flow.bpf.c) for every
 * packet, so a packet that is not from port 53 leaves after a few comparisons. The packet tells the
 * address family. On a socket that is older than the agent, an answer over TCP or to a connected
 * datagram socket is handed over with an empty owner. Other packets that answer no query are not
 * handed over (has_asked, has_asked_over_tcp). */
#pragma once

#include "kernel/dns_abi.h"
#include "kernel/lib/dns_socket.bpf.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/event_ring.bpf.h"
#include "kernel/lib/flow_state.bpf.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#define DNS_SOCKET_CONNECTED 1 /* TCP_ESTABLISHED; connected datagram sockets have it, too */

struct dns_budget {
    __u64 span_start_ns;
    __u64 bytes;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u32); /* pid of the owner, or 0 if it is unknown */
    __type(value, struct dns_budget);
} dns_budgets SEC(".maps");

static __always_inline bool take_dns_budget(__u32 pid, __u32 bytes) {
    __u64 now = bpf_ktime_get_ns();
    struct dns_budget* budget = bpf_map_lookup_elem(&dns_budgets, &pid);
    if (!budget) {
        struct dns_budget fresh = {.span_start_ns = now, .bytes = bytes};
        long error = bpf_map_update_elem(&dns_budgets, &pid, &fresh, BPF_ANY);
        if (error) count_error(ERROR_DNS_BUDGET_UPDATE, error);
        return true;
    }
    if (now - budget->span_start_ns > DNS_BUDGET_SPAN_NS) {
        budget->span_start_ns = now;
        budget->bytes = 0;
    }
    if (budget->bytes >= DNS_BUDGET_BYTES) {
        count_error(ERROR_DNS_BUDGET, 0);
        return false;
    }
    __sync_fetch_and_add(&budget->bytes, bytes);
    return true;
}

/* A datagram from port 53 is accepted if its socket has asked: it has sent to port 53 since the
 * agent started, or it is connected, so that the kernel accepts datagrams of one peer only.
 * Otherwise any host on the network could tell the agent what a name stands for. Addresses are not
 * compared: if another BPF program translates the address of a service to that of a server, the
 * answer comes from another address than was asked. */
static __always_inline bool has_asked(struct __sk_buff* packet) {
    struct bpf_sock* socket = full_socket(packet);
    if (!socket) return false;
    return socket->state == DNS_SOCKET_CONNECTED || bpf_sk_storage_get(&dns_sockets, socket, 0, 0);
}

/* Over TCP, the process that asks has connected, so its owner is known. On a connection that is
 * older than the agent it is not known, but its query has shown by now that it is older. Any host
 * can connect to this one from port 53. */
static __always_inline bool has_asked_over_tcp(struct __sk_buff* packet) {
    struct bpf_sock* socket = full_socket(packet);
    if (!socket) return false;
    if (bpf_sk_storage_get(&dns_sockets, socket, 0, 0)) return true;
    const struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
    return state && state->in_middle;
}

struct dns_packet {
    __u32 payload_offset;
    __u32 payload_bytes;
    __u32 sequence; /* TCP: of the first payload byte */
    bool is_tcp;
    bool synchronises; /* TCP: carries SYN */
};

/* The offset of the transport header and its protocol; 0 if it is neither UDP nor TCP. */
static __always_inline __u32 find_transport(struct __sk_buff* packet, __u8* protocol) {
    void* data = (void*)(long)packet->data;
    void* end = (void*)(long)packet->data_end;
    struct iphdr* ipv4 = data;
    if ((void*)(ipv4 + 1) > end) return 0;
    if (ipv4->version == 4) {
        *protocol = ipv4->protocol;
        return ipv4->ihl * 4;
    }
    struct ipv6hdr* ipv6 = data;
    if (ipv4->version != 6 || (void*)(ipv6 + 1) > end) return 0;
    __u32 offset = sizeof(*ipv6);
    __u8 next = ipv6->nexthdr;
    /* hop-by-hop, routing and destination options (RFC 8200 4) */
    for (int i = 0; i < 6 && (next == 0 || next == 43 || next == 60); i++) {
        __u8 extension[2];
        if (bpf_skb_load_bytes(packet, offset, extension, 2)) return 0;
        next = extension[0];
        offset += ((__u32)extension[1] + 1) * 8;
    }
    *protocol = next;
    return offset <= 1024 ? offset : 0;
}

static __always_inline bool find_dns(struct __sk_buff* packet, struct dns_packet* dns) {
    __u8 protocol = 0;
    __u32 offset = find_transport(packet, &protocol);
    if (offset == 0) return false;
    void* end = (void*)(long)packet->data_end;
    void* transport = (void*)(long)packet->data + offset;
    /* Both headers begin with the source port. */
    if (transport + sizeof(struct udphdr) > end) return false;
    if (*(__be16*)transport != bpf_htons(DNS_PORT)) return false;
    if (protocol == IPPROTO_UDP) {
        /* Checked here, where it is known to be UDP: further down it doubles the verifier's work.
         */
        if (!has_asked(packet)) {
            count_error(ERROR_DNS_UNASKED, 0);
            return false;
        }
        dns->payload_offset = offset + sizeof(struct udphdr);
    } else if (protocol == IPPROTO_TCP) {
        struct tcphdr* tcp = transport;
        if ((void*)(tcp + 1) > end) return false;
        dns->payload_offset = offset + tcp->doff * 4;
        if (!has_asked_over_tcp(packet)) {
            if (packet->len > dns->payload_offset) count_error(ERROR_DNS_UNASKED, 0);
            return false;
        }
        dns->is_tcp = true;
        dns->synchronises = tcp->syn;
        dns->sequence = bpf_ntohl(tcp->seq) + dns->synchronises;
    } else {
        return false;
    }
    dns->payload_bytes = packet->len > dns->payload_offset ? packet->len - dns->payload_offset : 0;
    return dns->payload_bytes > 0 || dns->synchronises;
}

/* The ring needs constant sizes; most answers fit the smallest one. The mask states the bound in a
 * form that every verifier understands. The barrier keeps clang from removing it. */
#define HAND_OVER_DNS(bytes)                                                                       \
    do {                                                                                           \
        struct dns_answer_event* event =                                                           \
            bpf_ringbuf_reserve(&events, sizeof(*event) + (bytes), 0);                             \
        if (!event) {                                                                              \
            count_error(ERROR_DNS_RING_FULL, 0);                                                   \
            return;                                                                                \
        }                                                                                          \
        *event = *head;                                                                            \
        fill_header(&event->header, EVENT_DNS_ANSWER, sizeof(*event) + (bytes));                   \
        event->length = length;                                                                    \
        barrier_var(length);                                                                       \
        length = ((length - 1) & ((bytes) - 1)) + 1;                                               \
        long error = bpf_skb_load_bytes(packet, offset, event + 1, length);                        \
        if (error) {                                                                               \
            count_error(ERROR_DNS_READ, error);                                                    \
            bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);                                          \
            return;                                                                                \
        }                                                                                          \
        submit_event(event);                                                                       \
    } while (0)

/* REQUIRES: 0 < length <= DNS_PIECE_BYTES */
static __always_inline void hand_over_dns(struct __sk_buff* packet,
                                          const struct dns_answer_event* head, __u32 offset,
                                          __u32 length) {
    if (length <= 512)
        HAND_OVER_DNS(512);
    else
        HAND_OVER_DNS(DNS_PIECE_BYTES);
}

static __always_inline void capture_dns(struct __sk_buff* packet) {
    struct dns_packet dns = {};
    if (!find_dns(packet, &dns)) return;
    struct bpf_sock* socket = full_socket(packet);
    if (!socket) return;
    struct dns_socket* asking = bpf_sk_storage_get(&dns_sockets, socket, 0, 0);
    if (dns.synchronises && asking) {
        asking->first_sequence = dns.sequence;
        asking->started = true;
    }
    if (dns.payload_bytes == 0) return;

    struct dns_answer_event head = {.position = dns.sequence, .whole_length = dns.payload_bytes};
    if (dns.is_tcp) head.flags = DNS_OVER_TCP;
    if (asking) {
        head.owner = asking->owner;
        head.network_namespace = asking->network_namespace;
        if (asking->started) {
            head.position -= asking->first_sequence;
            head.flags |= DNS_FROM_BEGINNING;
        }
    }
    if (!take_dns_budget(head.owner.pid, dns.payload_bytes)) return;
    head.socket = bpf_get_socket_cookie(packet);
    __u32 offset = dns.payload_offset;
    __u32 left = dns.payload_bytes;
    for (__u32 i = 0; i < DNS_PIECES_MAXIMUM; i++) {
        __u32 length = left < DNS_PIECE_BYTES ? left : DNS_PIECE_BYTES;
        hand_over_dns(packet, &head, offset, length);
        left -= length;
        if (left == 0 || !dns.is_tcp) return;
        offset += length;
        head.position += length;
    }
}
