// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sensor: what the sockets of all network namespaces say when asked. Who holds a descriptor of a
 * listener or of a watched connection (its owner may not be known, or have handed it on and ended),
 * and how much each has carried; and what they are told: to be read again. The socket storage is
 * that of flow.bpf.c. */
#include "kernel/flow_pull_abi.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/flow_state.bpf.h"
#include "kernel/lib/socket_address.bpf.h"
#include "kernel/lib/subject.bpf.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("iter/task_file")
int pull_holders(struct bpf_iter__task_file* context) {
    struct task_struct* task = context->task;
    struct file* file = context->file;
    if (!task || !file) return 0;
    struct socket* descriptor = bpf_sock_from_file(file);
    if (!descriptor) return 0;
    struct sock* socket = descriptor->sk;
    if (!socket || socket->sk_protocol != IPPROTO_TCP) return 0;
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
    long error = bpf_seq_write(context->meta->seq, &record, sizeof(record));
    if (error) count_error(ERROR_FLOW_HOLDER_WRITE, error);
    return 0;
}

SEC("iter/bpf_sk_storage_map")
int pull_counts(struct bpf_iter__bpf_sk_storage_map* context) {
    struct sock* socket = context->sk;
    const struct flow_state* state = context->value;
    if (!socket || !state) return 0;
    struct tcp_sock* tcp = bpf_skc_to_tcp_sock(socket);
    if (!tcp) return 0;
    struct flow_counts_record record = {
        .flow_id = state->flow_id,
        .bytes_sent = tcp->bytes_sent,
        .bytes_received = tcp->bytes_received,
        .segments_sent = tcp->data_segs_out,
        .segments_received = tcp->data_segs_in,
    };
    long error = bpf_seq_write(context->meta->seq, &record, sizeof(record));
    if (error) count_error(ERROR_FLOW_COUNTS_WRITE, error);
    return 0;
}

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, FLOW_READ_AGAIN_MAXIMUM);
    __type(key, __u64); /* socket cookie */
    __type(value, __u32);
} to_read_again SEC(".maps");

/* Writes nothing out: its effect is in the storage. */
SEC("iter/bpf_sk_storage_map")
int mark_to_read_again(struct bpf_iter__bpf_sk_storage_map* context) {
    struct flow_state* state = context->value;
    if (!context->sk || !state) return 0;
    __u64 flow_id = state->flow_id;
    if (bpf_map_lookup_elem(&to_read_again, &flow_id)) state->read_again = true;
    return 0;
}
