/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of DNS: answers from port 53, with the process that asked. */
#pragma once

#include "kernel/event_abi.h"
#include "kernel/subject_abi.h"

#ifdef __cplusplus
namespace minewarden::abi {
#endif

#define DNS_PORT 53

enum dns_flag {
    DNS_OVER_TCP = 1 << 0, /* the bytes are a piece of a stream of length-framed messages */
    DNS_FROM_BEGINNING =
        1 << 1, /* of a stream whose first byte is known: position counts from it */
};

/* Bytes of one event. A longer datagram is cut; a longer TCP segment comes in several events. */
#define DNS_PIECE_BYTES 4096u
/* Pieces of one TCP packet, as GRO can assemble it. */
#define DNS_PIECES_MAXIMUM 16u

/* So many bytes of one process are handed over in a span. Further answers are skipped and counted.
 * Answers whose owner is unknown share one such budget. */
#define DNS_BUDGET_BYTES (256u << 10)
#define DNS_BUDGET_SPAN_NS 1000000000ull

/* Followed by `length` valid bytes, and then by padding up to header.size. */
struct dns_answer_event {
    struct event_header header; /* EVENT_DNS_ANSWER */
    struct subject_id owner;    /* the last to send to port 53 on it; pid 0: unknown */
    __u64 socket;               /* its cookie: unique until reboot */
    __u32 network_namespace;    /* inode of the socket's namespace, 0 if the owner is unknown */
    __u32 position;             /* TCP: of the first byte; see DNS_FROM_BEGINNING */
    __u32 whole_length;         /* of the datagram's or segment's payload, cut or not */
    __u16 length;
    __u16 flags; /* enum dns_flag */
};

#ifdef __cplusplus
static_assert(sizeof(dns_answer_event) == 64);
static_assert(offsetof(dns_answer_event, socket) == 40);
static_assert(offsetof(dns_answer_event, length) == 60);
} // namespace minewarden::abi
#endif
