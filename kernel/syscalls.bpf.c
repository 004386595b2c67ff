// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Source: a syscall histogram of one process. Loaded at the start and attached only while it
 * counts, for a second, because every syscall of the host takes the slow path meanwhile. */
#include "kernel/lib/kernel_types.h"
#include "kernel/syscalls_abi.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct syscall_target);
} syscall_target SEC(".maps");

/* Per CPU, so that the threads of the process do not contend for a cache line. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, SYSCALL_SLOTS);
    __type(key, __u32);
    __type(value, __u64);
} syscall_counts SEC(".maps");

SEC("tp_btf/sys_enter")
int BPF_PROG(on_syscall, struct pt_regs* registers, long number) {
    __u32 key = 0;
    const struct syscall_target* target = bpf_map_lookup_elem(&syscall_target, &key);
    __u32 pid = bpf_get_current_pid_tgid() >> 32;
    if (!target || target->pid != pid) return 0;              /* all other processes leave here */
    struct task_struct* task = (void*)bpf_get_current_task(); /* the typed helper needs 5.11 */
    if (BPF_CORE_READ(task, group_leader, start_boottime) != target->start_boottime_ns) return 0;
    key = (__u64)number < SYSCALL_SLOTS - 1 ? (__u32)number : SYSCALL_SLOTS - 1;
    __u64* count = bpf_map_lookup_elem(&syscall_counts, &key);
    if (count) ++*count;
    return 0;
}
