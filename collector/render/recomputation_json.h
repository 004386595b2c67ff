// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/recomputer.h"
#include "collector/store/recomputation.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace minewarden::collector {

/// Null if the version was not recomputed. Values may come from an agent and are not escaped.
[[nodiscard]] nlohmann::json
render_recomputation(const std::optional<Recomputation>& recomputation);

/// Counts since the start of the collector; `mismatched_kept`: mismatches in the store.
[[nodiscard]] nlohmann::json render_recompute_status(const RecomputeCounters& counters,
                                                     std::uint64_t mismatched_kept);

} // namespace minewarden::collector
