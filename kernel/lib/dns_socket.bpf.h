/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The process that asks on a socket: written by dns.bpf.c, read when answers arrive. The agent
 * gives both objects the same map. */
#pragma once

#include "kernel/lib/kernel_types.h"
#include "kernel/subject_abi.h"

#include <bpf/bpf_helpers.h>

struct dns_socket {
    struct subject_id owner;
    __u32 first_sequence;    /* TCP: sequence number of the first byte from the server */
    __u32 started;           /* first_sequence is known */
    __u32 network_namespace; /* inode */
    __u32 reserved;
};

struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct dns_socket);
} dns_sockets SEC(".maps");
