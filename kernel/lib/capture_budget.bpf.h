/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "kernel/flow_abi.h"
#include "kernel/lib/error_count.bpf.h"

#include <bpf/bpf_helpers.h>

struct capture_budget {
    __u64 span_start_ns;
    __u32 connections;
    __u32 reserved;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, __u32); /* pid, or FLOW_BUDGET_PORT with bits of port and network namespace */
    __type(value, struct capture_budget);
} capture_budgets SEC(".maps");

/* No pid has this bit. It marks keys of connections whose owner is not known yet. */
#define FLOW_BUDGET_PORT 0x80000000u

/* True if the payload of one more connection of this process or port may be captured. */
static __always_inline bool take_budget(__u32 key) {
    __u64 now = bpf_ktime_get_ns();
    struct capture_budget* budget = bpf_map_lookup_elem(&capture_budgets, &key);
    if (!budget) {
        struct capture_budget fresh = {.span_start_ns = now, .connections = 1};
        long error = bpf_map_update_elem(&capture_budgets, &key, &fresh, BPF_ANY);
        if (error) count_error(ERROR_FLOW_BUDGET_UPDATE, error);
        return true;
    }
    if (now - budget->span_start_ns > FLOW_BUDGET_SPAN_NS) {
        budget->span_start_ns = now;
        budget->connections = 0;
    }
    if (budget->connections >= FLOW_BUDGET_CONNECTIONS) {
        count_error(ERROR_FLOW_PAYLOAD_BUDGET, 0);
        return false;
    }
    __sync_fetch_and_add(&budget->connections, 1);
    return true;
}
