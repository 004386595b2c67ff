/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define SOCKFS_MAGIC 0x534F434B /* include/uapi/linux/magic.h */

/* The TCP socket behind a descriptor, or NULL if it is something else. The verifier knows the
 * pointer, so helpers and plain loads accept it. Needs bpf_sock_from_file() (Linux 5.11). */
static __always_inline struct sock* tcp_socket_of(struct file* file) {
    struct socket* descriptor = bpf_sock_from_file(file);
    if (!descriptor) return NULL;
    struct sock* socket = descriptor->sk;
    return socket && socket->sk_protocol == IPPROTO_TCP ? socket : NULL;
}

/* The same for kernels before 5.11: the socket is where sock_alloc_file() puts it. Only
 * BPF_CORE_READ can follow the pointer. */
static __always_inline struct sock* tcp_socket_in(struct file* file) {
    if (file->f_inode->i_sb->s_magic != SOCKFS_MAGIC) return NULL;
    struct socket* descriptor = file->private_data;
    struct sock* socket = BPF_CORE_READ(descriptor, sk);
    return socket && BPF_CORE_READ(socket, sk_protocol) == IPPROTO_TCP ? socket : NULL;
}
