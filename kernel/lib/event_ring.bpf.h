/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/event_abi.h"
#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_helpers.h>

/* Shared by all sources with events: the agent replaces the copy of each object by its own map. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, EVENT_RING_BYTES);
} events SEC(".maps");

static __always_inline void fill_header(struct event_header* header, enum event_type type,
                                        __u32 size) {
    header->type = type;
    header->size = size;
    header->boottime_ns = bpf_ktime_get_boot_ns();
}

/* A wake-up costs the producer more than the event itself, so only events that cross the mark wake
 * the agent. The mark is a band, so wide that concurrent producers cannot all miss it. */
#define EVENT_RING_WAKEUP_BAND 16384u

static __always_inline void submit_event(void* event) {
    __u64 past_mark = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) - EVENT_RING_WAKEUP_BYTES;
    bpf_ringbuf_submit(event,
                       past_mark < EVENT_RING_WAKEUP_BAND ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}
