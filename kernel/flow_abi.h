/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of flow.bpf.c: outbound TCP connections with their owner, and the first payload of each
 * direction. */
#pragma once

#include "kernel/event_abi.h"
#include "kernel/subject_abi.h"

#ifdef __cplusplus
namespace minewarden::abi {
#endif

enum flow_direction {
    FLOW_SENT = 0,     /* by the owner of the connection */
    FLOW_RECEIVED = 1, /* from the peer */
};

enum flow_flag {
    FLOW_ESTABLISHED = 1 << 0,     /* the handshake completed */
    FLOW_PAYLOAD_SKIPPED = 1 << 1, /* the owner's capture budget was spent: payload not examined */
};

/* Addresses are 16 bytes in network order; IPv4 is mapped (::ffff:a.b.c.d). */
struct flow_event {
    struct event_header header; /* EVENT_FLOW_OPEN or EVENT_FLOW_CLOSE */
    struct subject_id owner;    /* the process that called connect */
    __u64 flow_id;              /* socket cookie: unique until reboot */
    __u8 local_address[16];
    __u8 remote_address[16];
    __u16 local_port; /* host order */
    __u16 remote_port;
    __u32 flags;             /* enum flow_flag */
    __u32 network_namespace; /* inode of the namespace */
    __u32 reserved;
    __u64 bytes_sent;     /* payload, at close; 0 at open */
    __u64 bytes_received; /* likewise; the peer's FIN counts as one */
};

/* Payload is captured inside a window of this many bytes from the start of each direction. */
#define FLOW_CAPTURE_BYTES 4096u
/* Captured bytes per direction with retransmissions: past this the direction is given up. */
#define FLOW_CAPTURE_LIMIT (2u * FLOW_CAPTURE_BYTES)

/* A process may have this many connections captured in a span; the rest are counted as skipped. */
#define FLOW_BUDGET_CONNECTIONS 512u
#define FLOW_BUDGET_SPAN_NS 10000000000ull

/* Followed by the payload: `length` valid bytes, then what is left up to header.size. */
struct flow_payload_event {
    struct event_header header;
    __u64 flow_id;
    __u32 offset; /* of the first byte in the direction's stream */
    __u16 length;
    __u16 direction; /* enum flow_direction */
};

#ifdef __cplusplus
static_assert(sizeof(flow_event) == 112);
static_assert(offsetof(flow_event, flow_id) == 40);
static_assert(offsetof(flow_event, bytes_sent) == 96);
static_assert(sizeof(flow_payload_event) == 32);
} // namespace minewarden::abi
#endif
