// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/stored.h"

#include <nlohmann/json_fwd.hpp>

namespace minewarden::collector {

/// `heartbeat` is null until the first one came.
[[nodiscard]] nlohmann::json render_agent(const StoredAgent& agent, bool is_enrolled);

[[nodiscard]] nlohmann::json render_visibility(const StoredVisibility& record);
[[nodiscard]] nlohmann::json render_gap(const StoredGap& gap);

[[nodiscard]] nlohmann::json render_rule_set(const wire::RuleSet& rules);

} // namespace minewarden::collector
