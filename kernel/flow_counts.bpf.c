// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source, pulled: how much each connection has carried, in all network namespaces. Three programs
 * write the same records; the agent uses the first one that the kernel accepts (docs/kernels.md):
 *
 * pull_counts                   every socket that has a flow state (flow.bpf.c)
 * pull_counts_by_descriptor     the same, but only sockets of which a process holds a descriptor
 * pull_counts_by_cookie         likewise, before Linux 5.11, where the flow state cannot be read:
 *                               sockets with a cookie, among which user space finds its own */
#include "kernel/flow_counts_abi.h"
#include "kernel/lib/descriptor_socket.bpf.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/flow_state.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void write_counts(struct seq_file* seq,
                                         const struct flow_counts_record* record) {
    long error = bpf_seq_write(seq, record, sizeof(*record));
    if (error) count_error(ERROR_FLOW_COUNTS_WRITE, error);
}

static __always_inline void tell_counts(struct seq_file* seq, struct sock* socket, __u64 flow_id) {
    struct tcp_sock* tcp = bpf_skc_to_tcp_sock(socket);
    if (!tcp) return;
    struct flow_counts_record record = {
        .flow_id = flow_id,
        .bytes_sent = tcp->bytes_sent,
        .bytes_received = tcp->bytes_received,
        .segments_sent = tcp->data_segs_out,
        .segments_received = tcp->data_segs_in,
    };
    write_counts(seq, &record);
}

SEC("iter/bpf_sk_storage_map")
int pull_counts(struct bpf_iter__bpf_sk_storage_map* context) {
    struct sock* socket = context->sk;
    const struct flow_state* state = context->value;
    if (socket && state) tell_counts(context->meta->seq, socket, state->flow_id);
    return 0;
}

SEC("iter/task_file")
int pull_counts_by_descriptor(struct bpf_iter__task_file* context) {
    struct file* file = context->file;
    if (!context->task || !file) return 0;
    struct sock* socket = tcp_socket_of(file);
    if (!socket) return 0;
    const struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
    if (state) tell_counts(context->meta->seq, socket, state->flow_id);
    return 0;
}

SEC("iter/task_file")
int pull_counts_by_cookie(struct bpf_iter__task_file* context) {
    struct file* file = context->file;
    if (!context->task || !file) return 0;
    struct sock* socket = tcp_socket_in(file);
    if (!socket || BPF_CORE_READ(socket, __sk_common.skc_state) == TCP_LISTEN) return 0;
    struct tcp_sock* tcp = (struct tcp_sock*)socket;
    struct flow_counts_record record = {
        .flow_id = BPF_CORE_READ(socket, __sk_common.skc_cookie.counter),
        .bytes_sent = BPF_CORE_READ(tcp, bytes_sent),
        .bytes_received = BPF_CORE_READ(tcp, bytes_received),
        .segments_sent = BPF_CORE_READ(tcp, data_segs_out),
        .segments_received = BPF_CORE_READ(tcp, data_segs_in),
    };
    if (record.flow_id != 0) write_counts(context->meta->seq, &record);
    return 0;
}
