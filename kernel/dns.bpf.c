// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source: the processes that ask name servers. A connect or an unconnected send to port 53, over
 * TCP or UDP and in any network namespace, puts the calling process into the socket's storage. The
 * answers are captured by flow.bpf.c, which has the packets already (lib/dns_capture.bpf.h). A
 * datagram socket can be shared or handed on, so the last process that sent is the owner. */
#include "kernel/dns_abi.h"
#include "kernel/lib/dns_socket.bpf.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/subject.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The verifier does not allow a pointer of this type to be followed into the kernel's own
 * structure. A copy of the pointer, read from memory, is only a number to it. */
static __always_inline __u32 namespace_of(struct bpf_sock* socket) {
    struct bpf_sock* volatile held = socket;
    struct sock* kernel_socket = NULL;
    if (bpf_probe_read_kernel(&kernel_socket, sizeof(kernel_socket), (void*)&held)) return 0;
    return BPF_CORE_READ(kernel_socket, __sk_common.skc_net.net, ns.inum);
}

/* Runs for every connect and every unconnected send of a datagram. Nearly all leave at the port. */
static __always_inline int remember_owner(struct bpf_sock_addr* address) {
    if (address->user_port != bpf_htons(DNS_PORT)) return 1;
    struct bpf_sock* socket = address->sk;
    if (!socket) return 1;
    struct dns_socket* asking =
        bpf_sk_storage_get(&dns_sockets, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
    if (!asking) {
        count_error(ERROR_DNS_STORAGE_CREATE, 0);
        return 1;
    }
    fill_current_subject(&asking->owner);
    asking->network_namespace = namespace_of(socket);
    return 1; /* always let it pass */
}

SEC("cgroup/connect4")
int on_connect4(struct bpf_sock_addr* address) {
    return remember_owner(address);
}

SEC("cgroup/connect6")
int on_connect6(struct bpf_sock_addr* address) {
    return remember_owner(address);
}

SEC("cgroup/sendmsg4")
int on_send4(struct bpf_sock_addr* address) {
    return remember_owner(address);
}

SEC("cgroup/sendmsg6")
int on_send6(struct bpf_sock_addr* address) {
    return remember_owner(address);
}
