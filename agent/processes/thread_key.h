// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace minewarden::agent {

/// A thread, or a process by its pid. The start time tells it from another one with the same id.
struct ThreadKey {
    std::uint32_t thread_id = 0;
    std::uint64_t start_boottime_ns = 0;
    auto operator<=>(const ThreadKey&) const = default;
};

} // namespace minewarden::agent
