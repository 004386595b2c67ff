/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Boundary of flow_holders.bpf.c: records read from its iterators. */
#pragma once

#include "kernel/subject_abi.h"

#ifdef __cplusplus
namespace minewarden::abi {
#endif

/* A process that holds a descriptor of a TCP socket. A socket can have several holders. */
struct flow_holder_record {
    struct subject_id holder;
    __u64 flow_id; /* socket cookie; 0 for a listener that has none yet */
    __u32 network_namespace;
    __u16 local_port; /* host order */
    __u16 is_listener;
    __u8 local_address[16]; /* of a listener, IPv4 mapped; else zero */
};

#ifdef __cplusplus
static_assert(sizeof(flow_holder_record) == 56);
static_assert(offsetof(flow_holder_record, flow_id) == 24);
} // namespace minewarden::abi
#endif
