/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of flow_pull.bpf.c: records read from its iterators. */
#pragma once

#include "kernel/subject_abi.h"

#ifdef __cplusplus
namespace minewarden::abi {
#endif

/* A process that holds a descriptor of a TCP socket. One socket may have several holders. */
struct flow_holder_record {
    struct subject_id holder;
    __u64 flow_id; /* socket cookie; 0 for a listener whose cookie nobody has asked for yet */
    __u32 network_namespace;
    __u16 local_port; /* host order */
    __u16 is_listener;
    __u8 local_address[16]; /* of a listener, IPv4 mapped; else zero */
};

/* How much a connection has carried so far. */
struct flow_counts_record {
    __u64 flow_id;
    __u64 bytes_sent;     /* payload with retransmissions */
    __u64 bytes_received; /* in order; the peer's FIN counts as one */
    __u32 segments_sent;  /* with payload */
    __u32 segments_received;
};

/* Connections that user space can ask to have read again at once: all that they hand over then,
 * both directions, takes half of the ring. */
#define FLOW_READ_AGAIN_MAXIMUM 128u

#ifdef __cplusplus
static_assert(sizeof(flow_holder_record) == 56);
static_assert(offsetof(flow_holder_record, flow_id) == 24);
static_assert(sizeof(flow_counts_record) == 32);
} // namespace minewarden::abi
#endif
