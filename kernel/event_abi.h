/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Head of every event in the shared ring buffer. Numbers are never reused. */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
#include <cstddef> // offsetof, for the headers that include this one

namespace minewarden::abi {
#endif

enum event_type {
    EVENT_PROCESS_EXEC = 1,
    EVENT_PROCESS_FORK = 2,
    EVENT_PROCESS_EXIT = 3,
    EVENT_THREAD_EXIT = 4,
    EVENT_FLOW_OPEN = 16,
    EVENT_FLOW_PAYLOAD = 17,
    EVENT_FLOW_CLOSE = 18,
    EVENT_LISTEN_BEGIN = 19,
    EVENT_LISTEN_END = 20,
    EVENT_DNS_ANSWER = 32,
};

struct event_header {
    __u32 type; /* enum event_type */
    __u32 size; /* bytes of the whole event, with this header */
    __u64 boottime_ns;
};

/* The ring buffer that all sources with events share. The agent drains it four times a second. A
 * producer wakes it earlier only when a quarter is full, so rare events cost no context switch. */
#define EVENT_RING_BYTES (2u << 20)
#define EVENT_RING_WAKEUP_BYTES (EVENT_RING_BYTES / 4)

#ifdef __cplusplus
static_assert(sizeof(event_header) == 16);
} // namespace minewarden::abi
#endif
