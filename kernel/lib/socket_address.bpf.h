/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* IPv4 as user space stores it: ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
static __always_inline void map_ipv4(__u8 address[16], __be32 ipv4) {
    __builtin_memset(address, 0, 10);
    address[10] = address[11] = 0xff;
    __builtin_memcpy(address + 12, &ipv4, sizeof(ipv4));
}

/* Accepts any pointer to a socket, trusted by the verifier or not. A wildcard is zero, or mapped.
 */
static __always_inline void read_local_address(__u8 address[16], struct sock* socket) {
    if (BPF_CORE_READ(socket, __sk_common.skc_family) == AF_INET6)
        bpf_core_read(address, 16, &socket->__sk_common.skc_v6_rcv_saddr);
    else
        map_ipv4(address, BPF_CORE_READ(socket, __sk_common.skc_rcv_saddr));
}
