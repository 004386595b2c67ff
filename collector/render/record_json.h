// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/rule_source.h"

#include <nlohmann/json_fwd.hpp>

#include <minewarden.pb.h>

namespace minewarden::collector {

/// Adds the content of a finding's verdict record: `record_sha256`, `rule_set`, `window`, `score`
/// (prior, families, log-odds, thresholds, in milli-nats), `evidence` (for and against, strongest
/// first) and `settle`. Titles, explanations, effective weights and `settle` come from the rules;
/// they are omitted if the collector does not have these rules. Parts from a newer version are
/// shown unchanged and listed in `newer`. An unreadable record adds `record_problem` instead.
void add_record(nlohmann::json& json, const wire::Finding& finding, const RuleSource& source);

} // namespace minewarden::collector
