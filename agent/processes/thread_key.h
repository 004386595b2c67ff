// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace minewarden::agent {

/// A thread as the hot scan names it; the start time guards against a reused id.
struct ThreadKey {
    std::uint32_t thread_id = 0;
    std::uint64_t start_boottime_ns = 0;
    auto operator<=>(const ThreadKey&) const = default;
};

} // namespace minewarden::agent
