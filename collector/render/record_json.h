// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/rule_source.h"

#include <nlohmann/json_fwd.hpp>

#include <minewarden.pb.h>

namespace minewarden::collector {

/// Adds what the verdict record of a finding says: `record_sha256`, `rule_set`, `window`, `score`
/// (prior, families, log-odds, thresholds, in milli-nats), `evidence` (for and against, strongest
/// first) and `settle`. Titles, explanations, what counts of a weight and what would settle it come
/// from the rules and are left out where the collector does not have them. What a newer version
/// added is shown as it is, and `newer` lists it. A record that cannot be read adds
/// `record_problem` instead.
void add_record(nlohmann::json& json, const wire::Finding& finding, const RuleSource& source);

} // namespace minewarden::collector
