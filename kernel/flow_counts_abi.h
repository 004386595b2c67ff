/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of flow_counts.bpf.c: records read from its iterators. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
#include <cstddef>

namespace minewarden::abi {
#endif

/* How much a connection has carried so far. */
struct flow_counts_record {
    __u64 flow_id;        /* socket cookie */
    __u64 bytes_sent;     /* payload with retransmissions */
    __u64 bytes_received; /* in order; the peer's FIN counts as one */
    __u32 segments_sent;  /* with payload */
    __u32 segments_received;
};

#ifdef __cplusplus
static_assert(sizeof(flow_counts_record) == 32);
static_assert(offsetof(flow_counts_record, segments_sent) == 24);
} // namespace minewarden::abi
#endif
