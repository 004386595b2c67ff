// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source, pulled: the processes that hold a descriptor of a listener or of a captured connection,
 * in all network namespaces. It is needed if the owner of a connection is not known, or has handed
 * it on and ended. Two programs write the same records; the agent uses the first one that the
 * kernel accepts:
 *
 * pull_holders             reads the flow state of the socket (flow.bpf.c)
 * pull_holders_by_cookie   before Linux 5.11, where that is not possible: connections with a
 * cookie. Those are the captured ones, and some whose cookie another program asked for; user space
 * knows which of them it waits for */
#include "kernel/flow_holders_abi.h"
#include "kernel/lib/descriptor_socket.bpf.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/flow_state.bpf.h"
#include "kernel/lib/socket_address.bpf.h"
#include "kernel/lib/subject.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void write_holder(struct seq_file* seq,
                                         const struct flow_holder_record* record) {
    long error = bpf_seq_write(seq, record, sizeof(*record));
    if (error) count_error(ERROR_FLOW_HOLDER_WRITE, error);
}

SEC("iter/task_file")
int pull_holders(struct bpf_iter__task_file* context) {
    struct task_struct* task = context->task;
    struct file* file = context->file;
    if (!task || !file) return 0;
    struct sock* socket = tcp_socket_of(file);
    if (!socket) return 0;
    struct flow_holder_record record = {};
    if (socket->__sk_common.skc_state == TCP_LISTEN) {
        record.is_listener = true;
        record.flow_id = socket->__sk_common.skc_cookie.counter;
        read_local_address(record.local_address, socket);
    } else {
        const struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
        if (!state || state->skipped) return 0;
        record.flow_id = state->flow_id;
    }
    fill_subject(&record.holder, task);
    record.network_namespace = socket->__sk_common.skc_net.net->ns.inum;
    record.local_port = socket->__sk_common.skc_num;
    write_holder(context->meta->seq, &record);
    return 0;
}

SEC("iter/task_file")
int pull_holders_by_cookie(struct bpf_iter__task_file* context) {
    struct task_struct* task = context->task;
    struct file* file = context->file;
    if (!task || !file) return 0;
    struct sock* socket = tcp_socket_in(file);
    if (!socket) return 0;
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
    write_holder(context->meta->seq, &record);
    return 0;
}
