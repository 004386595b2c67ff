/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every place in kernel/ where a helper can fail, a map can be full, the ring has no room or
 * something is refused. Each time is counted under its place; the agent exports the counts and
 * reports them as gaps, but for what is only retried or refused. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
namespace minewarden::abi {
#endif

/* name, what is lost when it happens */
#define ERROR_PLACES(X)                                                                            \
    X(EXEC_RING_FULL, "exec event: the process is found by the next pull")                         \
    X(FORK_RING_FULL, "fork event: the process is found by the next pull")                         \
    X(EXIT_RING_FULL, "exit event: the process is missed by the next pull")                        \
    X(EXEC_PATH_READ, "executable path of an exec event")                                          \
    X(EXIT_FP_READ, "the last floating-point mode of a thread that ended")                         \
    X(FLOW_STORAGE_CREATE, "a connection's owner and payload")                                     \
    X(FLOW_OPEN_RING_FULL, "a connection's opening")                                               \
    X(FLOW_CLOSE_RING_FULL, "a connection's end")                                                  \
    X(FLOW_PAYLOAD_RING_FULL, "a piece of first payload")                                          \
    X(FLOW_PAYLOAD_READ, "a piece of first payload")                                               \
    X(FLOW_PAYLOAD_BUDGET, "payload of a connection whose process or port has too many")           \
    X(FLOW_PAYLOAD_LIMIT, "payload of a direction retransmitted too often")                        \
    X(FLOW_BUDGET_UPDATE, "capture budget of a process (capture goes on)")                         \
    X(FLOW_STATES_REQUEST, "the end of a connection (before Linux 5.11)")                          \
    X(LISTEN_RING_FULL, "who listens on a port")                                                   \
    X(FLOW_HOLDER_WRITE, "the holder of a connection (retried by the kernel)")                     \
    X(FLOW_COUNTS_WRITE, "the counts of a connection (retried by the kernel)")                     \
    X(DNS_STORAGE_CREATE, "the owner of a name query: its answer is dropped, or has no owner")     \
    X(DNS_RING_FULL, "an answer of a name server")                                                 \
    X(DNS_READ, "an answer of a name server")                                                      \
    X(DNS_BUDGET, "an answer of a name server to a process that received too many")                \
    X(DNS_UNASKED, "a datagram from port 53 on a socket that asked no name server")                \
    X(DNS_BUDGET_UPDATE, "capture budget of a process (capture goes on)")                          \
    X(TASK_PROCESS_WRITE, "a process in this window (retried by the kernel)")                      \
    X(TASK_THREAD_WRITE, "a thread in this window (retried by the kernel)")                        \
    X(FP_STATE_READ, "one sample of a thread's floating-point mode")                               \
    X(FP_RECORD_WRITE, "one sample of a thread's floating-point mode")

enum error_place {
#define X(name, loss) ERROR_##name,
    ERROR_PLACES(X)
#undef X
        ERROR_PLACE_COUNT
};

struct error_count {
    __u64 count;
    __s64 last_error; /* the helper's negative errno, 0 where there is none */
};

#ifdef __cplusplus
static_assert(sizeof(error_count) == 16);
} // namespace minewarden::abi
#endif
