/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of flow.bpf.c: TCP connections with their owner, and the first payload of each
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
    FLOW_IN_MIDDLE = 1 << 2,       /* payload went before; offset 0 is the first byte seen */
    FLOW_READ_AGAIN = 1 << 3,      /* as user space asked; told of before */
};

/* Addresses are 16 bytes in network order; IPv4 is mapped (::ffff:a.b.c.d). */
struct flow_event {
    struct event_header header; /* EVENT_FLOW_OPEN, _CLOSE, EVENT_LISTEN_BEGIN or _END */
    /* Who called connect or listen. Pid 0: not known, the connection was accepted or is older than
     * the agent; such a one opens with its first payload. Of a listener's end: who happened to run.
     */
    struct subject_id owner;
    __u64 flow_id; /* socket cookie: unique until reboot */
    __u8 local_address[16];
    __u8 remote_address[16];
    __u16 local_port; /* host order */
    __u16 remote_port;
    __u32 flags;             /* enum flow_flag */
    __u32 network_namespace; /* inode of the namespace */
    __u32 reserved;
    /* At close, and at the opening of one in the middle: since it began. Else 0. */
    __u64 bytes_sent;     /* payload with retransmissions */
    __u64 bytes_received; /* the peer's FIN counts as one */
    __u32 segments_sent;  /* with payload */
    __u32 segments_received;
};

/* Payload is captured inside a window of this many bytes from the start of each direction. */
#define FLOW_CAPTURE_BYTES 4096u
/* Captured bytes per direction with retransmissions: past this the direction is given up. */
#define FLOW_CAPTURE_LIMIT (2u * FLOW_CAPTURE_BYTES)

/* A process may have this many connections captured in a span; the rest are counted as skipped, and
 * told of again, in the middle, if they say something when there is budget for them. */
#define FLOW_BUDGET_CONNECTIONS 512u
#define FLOW_BUDGET_SPAN_NS 10000000000ull

/* Connections that user space can ask to have read again at once: all that they hand over then,
 * both directions, takes half of the ring. */
#define FLOW_READ_AGAIN_MAXIMUM 128u
/* Connections that were asked for and have carried no payload since. */
#define FLOW_MARKS_MAXIMUM 65536u

/* Followed by the payload: `length` valid bytes, then what is left up to header.size. */
struct flow_payload_event {
    struct event_header header;
    __u64 flow_id;
    __u32 offset; /* of the first byte in the direction's stream */
    __u16 length;
    __u16 direction; /* enum flow_direction */
};

#ifdef __cplusplus
static_assert(sizeof(flow_event) == 120);
static_assert(offsetof(flow_event, flow_id) == 40);
static_assert(offsetof(flow_event, bytes_sent) == 96);
static_assert(sizeof(flow_payload_event) == 32);
} // namespace minewarden::abi
#endif
