// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sensor: what pull_holders of flow_pull.bpf.c does, for kernels whose iterators can neither ask a
 * descriptor for its socket nor a socket for its storage (before 5.11). The socket is found where
 * the kernel keeps it, and a connection is known by its cookie, which only captured ones (and those
 * that somebody else asked) have; user space knows which of them it waits for. */
#include "kernel/flow_pull_abi.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/socket_address.bpf.h"
#include "kernel/lib/subject.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SOCKFS_MAGIC 0x534F434B /* include/uapi/linux/magic.h */

SEC("iter/task_file")
int pull_holders_by_cookie(struct bpf_iter__task_file* context) {
    struct task_struct* task = context->task;
    struct file* file = context->file;
    if (!task || !file || file->f_inode->i_sb->s_magic != SOCKFS_MAGIC) return 0;
    struct socket* descriptor = file->private_data; /* sock_alloc_file() */
    struct sock* socket = BPF_CORE_READ(descriptor, sk);
    if (!socket || BPF_CORE_READ(socket, sk_protocol) != IPPROTO_TCP) return 0;
    struct flow_holder_record record = {};
    record.flow_id = BPF_CORE_READ(socket, __sk_common.skc_cookie.counter);
    if (BPF_CORE_READ(socket, __sk_common.skc_state) == TCP_LISTEN) {
        record.is_listener = true;
        read_local_address(record.local_address, socket);
    }
    if (!record.is_listener && record.flow_id == 0) return 0;
    fill_subject(&record.holder, task);
    record.network_namespace = BPF_CORE_READ(socket, __sk_common.skc_net.net, ns.inum);
    record.local_port = BPF_CORE_READ(socket, __sk_common.skc_num);
    long error = bpf_seq_write(context->meta->seq, &record, sizeof(record));
    if (error) count_error(ERROR_FLOW_HOLDER_WRITE, error);
    return 0;
}
