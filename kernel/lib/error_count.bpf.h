/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/error_abi.h"
#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_helpers.h>

/* Shared by all sources: the agent replaces the copy of each object by its own map. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, ERROR_PLACE_COUNT);
    __type(key, __u32);
    __type(value, struct error_count);
} error_counts SEC(".maps");

static __always_inline void count_error(enum error_place place, long error) {
    __u32 key = place;
    struct error_count* entry = bpf_map_lookup_elem(&error_counts, &key);
    if (!entry) return;
    __sync_fetch_and_add(&entry->count, 1); /* a softirq can interrupt this */
    entry->last_error = error;
}
