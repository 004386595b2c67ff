/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

struct tcp_segment {
    __u32 sequence; /* of the first payload byte */
    __u32 payload_offset;
    __u32 payload_bytes;
    bool synchronises; /* carries SYN: data on it is TCP Fast Open (RFC 7413) */
    bool urgent;       /* it has a byte that is read separately (tcp(7), MSG_OOB) */
};

#define IPV6_EXTENSIONS_MAXIMUM 6
#define IPV6_HEADERS_MAXIMUM 1024

/* Offset of the TCP header behind IPv6 extension headers (RFC 8200 4), or 0 if there is none. */
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
 * headers in place; most packets of short connections leave here. The packet tells the address
 * family, because an AF_INET6 socket can carry IPv4. */
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
    segment->urgent = tcp->urg;
    segment->sequence = bpf_ntohl(tcp->seq) + segment->synchronises;
    return true;
}
