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
    FLOW_PAYLOAD_SKIPPED = 1 << 1, /* no capture budget was left: its payload is not read */
    FLOW_IN_MIDDLE = 1 << 2,       /* it carried payload before; offset 0 is the first byte seen */
    FLOW_READ_AGAIN = 1 << 3,      /* reported again, as user space asked */
};

/* Addresses are 16 bytes in network order; IPv4 is mapped (::ffff:a.b.c.d). */
struct flow_event {
    struct event_header header; /* EVENT_FLOW_OPEN, _CLOSE, EVENT_LISTEN_BEGIN or _END */
    /* The process that called connect or listen. Pid 0: not known, because the connection was
     * accepted or is older than the agent; it is reported with its first payload. At the end of a
     * listener: any process. */
    struct subject_id owner;
    __u64 flow_id; /* socket cookie: unique until reboot */
    __u8 local_address[16];
    __u8 remote_address[16];
    __u16 local_port; /* host order */
    __u16 remote_port;
    __u32 flags;             /* enum flow_flag */
    __u32 network_namespace; /* inode of the namespace */
    __u32 reserved;
    /* Since it began, at its end and with FLOW_IN_MIDDLE. Otherwise 0. */
    __u64 bytes_sent;     /* payload with retransmissions */
    __u64 bytes_received; /* the peer's FIN counts as one */
    __u32 segments_sent;  /* with payload */
    __u32 segments_received;
};

/* The first bytes of each direction that are captured. */
#define FLOW_CAPTURE_BYTES 4096u
/* Captured bytes per direction with retransmissions; then capturing it stops. */
#define FLOW_CAPTURE_LIMIT (2u * FLOW_CAPTURE_BYTES)

/* So many connections of one process are captured in a span. Further ones are skipped and counted,
 * and reported again, in the middle, if they carry payload when there is budget for them. */
#define FLOW_BUDGET_CONNECTIONS 512u
#define FLOW_BUDGET_SPAN_NS 10000000000ull

/* Connections that user space can have read again at once. What they can hand over then, in both
 * directions, takes half of the ring. */
#define FLOW_READ_AGAIN_MAXIMUM 128u
/* Connections that are to be read again and have carried no payload since. */
#define FLOW_MARKS_MAXIMUM 65536u

/* Followed by the payload: `length` valid bytes, and then padding up to header.size. */
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
