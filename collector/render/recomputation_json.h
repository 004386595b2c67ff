// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/recomputer.h"
#include "collector/store/recomputation.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace minewarden::collector {

/// Null for a version that was not made again. Values may come from an agent: not escaped.
[[nodiscard]] nlohmann::json render_recomputation(const std::optional<Recomputation>& made);

/// Since the start of the collector, and `mismatched_kept`: all that the store has.
[[nodiscard]] nlohmann::json render_recompute_status(const RecomputeCounters& counters,
                                                     std::uint64_t mismatched_kept);

} // namespace minewarden::collector
