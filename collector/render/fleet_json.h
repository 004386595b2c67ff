// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/fleet.h"
#include "collector/store/retention.h"

#include <nlohmann/json_fwd.hpp>

namespace minewarden::collector {

/// `heartbeat` is null before the first one.
[[nodiscard]] nlohmann::json render_agent(const StoredAgent& agent, bool is_enrolled);

[[nodiscard]] nlohmann::json render_visibility(const StoredVisibility& record);
[[nodiscard]] nlohmann::json render_gap(const StoredGap& gap);

/// {"matches", "exact"}
[[nodiscard]] nlohmann::json render_count(const MatchCount& count);
/// For each class of data: content, what retention deleted, and the limits (0: none).
[[nodiscard]] nlohmann::json render_classes(const StoreStatus& status,
                                            const RetentionPolicy& policy);

[[nodiscard]] nlohmann::json render_rule_set(const wire::RuleSet& rules);

} // namespace minewarden::collector
