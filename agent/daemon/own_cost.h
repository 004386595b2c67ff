// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace minewarden::agent {

/// The resources that this process has used.
struct OwnCost {
    std::uint64_t cpu_ns = 0;         ///< user and system time of all threads
    std::uint64_t resident_bytes = 0; ///< now
};

[[nodiscard]] OwnCost read_own_cost();

} // namespace minewarden::agent
