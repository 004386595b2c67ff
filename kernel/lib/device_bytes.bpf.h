/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bytes that a task moved to and from block devices. /dev/zero, pipes, tmpfs and the page cache do
 * not count. 0 on a kernel without CONFIG_TASK_IO_ACCOUNTING. */
#pragma once

#include "kernel/lib/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

static __always_inline __u64 device_read_bytes(struct task_io_accounting* io) {
    return bpf_core_field_exists(io->read_bytes) ? BPF_CORE_READ(io, read_bytes) : 0;
}

/* A page counts when it becomes dirty. If its file is truncated before it is written, it is taken
 * off again at whoever truncates, whose sum can then be below 0. */
static __always_inline __s64 device_written_bytes(struct task_io_accounting* io) {
    if (!bpf_core_field_exists(io->write_bytes)) return 0;
    return BPF_CORE_READ(io, write_bytes) - BPF_CORE_READ(io, cancelled_write_bytes);
}
