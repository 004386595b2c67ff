/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All places in kernel/ where a helper can fail, a map can be full, the ring can have no room, or
 * something is left out. Each occurrence is counted under its place. The agent exports the counts
 * and reports losses as gaps. Places in user space are in agent/visibility/place.h. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
namespace minewarden::abi {
#endif

/* The effect of an occurrence. */
enum error_effect {
    ERROR_LOST,     /* something is missing: a gap */
    ERROR_HARMLESS, /* the kernel retries, or something was left out on purpose */
};

/* Name, effect, and what is lost or left out. */
#define ERROR_PLACES(X)                                                                            \
    X(EXEC_RING_FULL, LOST, "exec event: the process is found by the next pull")                   \
    X(FORK_RING_FULL, LOST, "fork event: the process is found by the next pull")                   \
    X(EXIT_RING_FULL, LOST, "exit event: the process is missed by the next pull")                  \
    X(EXEC_PATH_READ, LOST, "executable path of an exec event")                                    \
    X(EXIT_FP_READ, LOST, "the last floating-point mode of a thread that ended")                   \
    X(FLOW_STORAGE_CREATE, LOST, "a connection's owner and payload")                               \
    X(FLOW_OPEN_RING_FULL, LOST, "a connection's opening")                                         \
    X(FLOW_CLOSE_RING_FULL, LOST, "a connection's end")                                            \
    X(FLOW_PAYLOAD_RING_FULL, LOST, "a piece of first payload")                                    \
    X(FLOW_PAYLOAD_READ, LOST, "a piece of first payload")                                         \
    X(FLOW_PAYLOAD_BUDGET, LOST, "payload of a connection whose process or port has too many")     \
    X(FLOW_PAYLOAD_LIMIT, LOST, "payload of a direction retransmitted too often")                  \
    X(FLOW_PAYLOAD_URGENT, LOST, "how the receiver reads payload with an urgent byte in it")       \
    X(FLOW_BUDGET_UPDATE, HARMLESS, "capture budget of a process (capture goes on)")               \
    X(FLOW_STATES_REQUEST, LOST, "the end of a connection (before Linux 5.11)")                    \
    X(LISTEN_RING_FULL, LOST, "a process that listens on a port")                                  \
    X(FLOW_HOLDER_WRITE, HARMLESS, "the holder of a connection (retried by the kernel)")           \
    X(FLOW_COUNTS_WRITE, HARMLESS, "the counts of a connection (retried by the kernel)")           \
    X(DNS_STORAGE_CREATE, LOST,                                                                    \
      "the owner of a name query: its answer is dropped, or has no owner")                         \
    X(DNS_RING_FULL, LOST, "an answer of a name server")                                           \
    X(DNS_READ, LOST, "an answer of a name server")                                                \
    X(DNS_BUDGET, LOST, "an answer of a name server to a process that received too many")          \
    X(DNS_UNASKED, HARMLESS, "datagrams from port 53 to a socket that asked no name server")       \
    X(DNS_BUDGET_UPDATE, HARMLESS, "capture budget of a process (capture goes on)")                \
    X(TASK_PROCESS_WRITE, HARMLESS, "a process in this window (retried by the kernel)")            \
    X(TASK_THREAD_WRITE, HARMLESS, "a thread in this window (retried by the kernel)")              \
    X(FP_STATE_READ, LOST, "one sample of a thread's floating-point mode")                         \
    X(FP_RECORD_WRITE, HARMLESS, "one sample of a thread's floating-point mode")

enum error_place {
#define X(name, effect, loss) ERROR_##name,
    ERROR_PLACES(X)
#undef X
        ERROR_PLACE_COUNT
};

struct error_count {
    __u64 count;
    __s64 last_error; /* negative errno of the helper, or 0 */
};

#ifdef __cplusplus
static_assert(sizeof(error_count) == 16);
} // namespace minewarden::abi
#endif
