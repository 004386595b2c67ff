// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source: does what on_socket_state of flow.bpf.c does, for kernels that do not allow socket
 * storage in tracing programs (before 5.11). A sockops program of the cgroup root is called at the
 * same moments: in tcp_connect() and listen() with the caller as the current task, at the end of
 * the handshake, and at changes of state. It is called more often than the tracepoint (also for
 * timeouts and windows), and must request the changes for each socket, so the end of a connection
 * that is older than the agent is not seen. The packet programs and the maps are those of
 * flow.bpf.c. */
#include "kernel/flow_abi.h"
#include "kernel/lib/capture_budget.bpf.h"
#include "kernel/lib/error_count.bpf.h"
#include "kernel/lib/flow_report.bpf.h"
#include "kernel/lib/flow_state.bpf.h"
#include "kernel/lib/subject.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void ask_for_states(struct bpf_sock_ops* context) {
    long error = bpf_sock_ops_cb_flags_set(context, context->bpf_sock_ops_cb_flags |
                                                        BPF_SOCK_OPS_STATE_CB_FLAG);
    if (error) count_error(ERROR_FLOW_STATES_REQUEST, error);
}

static __always_inline void on_connecting(struct bpf_sock_ops* context, struct bpf_sock* socket) {
    struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
    if (!state) {
        count_error(ERROR_FLOW_STORAGE_CREATE, 0);
        return;
    }
    /* A socket can connect again after a failure. */
    __builtin_memset(state, 0, sizeof(*state));
    fill_current_subject(&state->owner);
    state->flow_id = bpf_get_socket_cookie(context);
    if (!take_budget(state->owner.pid)) skip_payload(state);
}

static __always_inline void on_listener(struct bpf_sock_ops* context, struct sock* socket,
                                        enum event_type type) {
    struct flow_state state = {.flow_id = bpf_get_socket_cookie(context)};
    fill_current_subject(&state.owner);
    report_flow(socket, &state, type, ERROR_LISTEN_RING_FULL);
}

SEC("sockops")
int on_socket_operation(struct bpf_sock_ops* context) {
    __u32 operation = context->op;
    if (operation != BPF_SOCK_OPS_TCP_CONNECT_CB && operation != BPF_SOCK_OPS_TCP_LISTEN_CB &&
        operation != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB &&
        operation != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB && operation != BPF_SOCK_OPS_STATE_CB)
        return 1;
    struct bpf_sock* socket = context->sk;
    if (!socket) return 1;
    struct sock* any = (struct sock*)bpf_skc_to_tcp_sock(socket);
    if (!any) return 1;
    if (operation != BPF_SOCK_OPS_STATE_CB) ask_for_states(context);
    if (operation == BPF_SOCK_OPS_TCP_CONNECT_CB) {
        on_connecting(context, socket);
    } else if (operation == BPF_SOCK_OPS_TCP_LISTEN_CB) {
        on_listener(context, any, EVENT_LISTEN_BEGIN);
    } else if (operation == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB) {
        struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
        if (!state) return 1;
        start_streams(any, state);
        report_flow(any, state, EVENT_FLOW_OPEN, ERROR_FLOW_OPEN_RING_FULL);
    } else if (operation == BPF_SOCK_OPS_STATE_CB && context->args[1] == BPF_TCP_CLOSE) {
        if (context->args[0] == BPF_TCP_LISTEN) {
            on_listener(context, any, EVENT_LISTEN_END);
            return 1;
        }
        struct flow_state* state = bpf_sk_storage_get(&flows, socket, 0, 0);
        if (state && is_reported(state))
            report_flow(any, state, EVENT_FLOW_CLOSE, ERROR_FLOW_CLOSE_RING_FULL);
    }
    return 1; /* no effect on the socket */
}
