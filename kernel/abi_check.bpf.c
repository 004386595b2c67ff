// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Never loaded. Has one object of each structure that crosses the boundary, so that the type
 * information of this file contains their layout. tests/agent/sources/abi_bpf_test.cpp compares it
 * with that of C++. */
#include "kernel/dns_abi.h"
#include "kernel/error_abi.h"
#include "kernel/flow_abi.h"
#include "kernel/flow_counts_abi.h"
#include "kernel/flow_holders_abi.h"
#include "kernel/fp_mode_abi.h"
#include "kernel/process_abi.h"
#include "kernel/syscalls_abi.h"
#include "kernel/task_abi.h"

/* static, so that the skeleton leaves out the objects themselves. */
#define LAYOUT(type) static struct type type##_layout __attribute__((used))

LAYOUT(dns_answer_event);
LAYOUT(error_count);
LAYOUT(event_header);
LAYOUT(flow_counts_record);
LAYOUT(flow_event);
LAYOUT(flow_holder_record);
LAYOUT(flow_payload_event);
LAYOUT(fp_mode_record);
LAYOUT(process_exec_event);
LAYOUT(process_exit_event);
LAYOUT(process_fork_event);
LAYOUT(process_record);
LAYOUT(subject_id);
LAYOUT(syscall_target);
LAYOUT(thread_record);
LAYOUT(thread_runtime_record);
