// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/syscalls_abi.h"
#include "rules/observation/observation.h"

#include <array>
#include <cstdint>

namespace minewarden::agent {

/// How often a process entered each syscall in a span of time. The last slot counts all higher
/// numbers.
struct SyscallCounts {
    rules::ImageKey image;
    std::array<std::uint64_t, SYSCALL_SLOTS> counts{};
    std::uint64_t span_ns = 0;
};

} // namespace minewarden::agent
