// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/rule_source.h"
#include "collector/store/findings.h"
#include "collector/store/recomputation.h"

namespace minewarden::collector {

/// Makes the verdict of a stored version again and compares all that its agent said with it, the
/// id included, which only the agent's own key gives.
[[nodiscard]] Recomputation check_finding(const StoredFinding& found, const RuleSource& source,
                                          WallTime now);

/// Whether the id of a finding is the one that its record and its agent's key give. Agents choose
/// what they send: one may use the id of another agent's finding, but it is not its own.
[[nodiscard]] bool has_own_id(const StoredFinding& found);

} // namespace minewarden::collector
