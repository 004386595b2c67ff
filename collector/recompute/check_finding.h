// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/rule_source.h"
#include "collector/store/findings.h"
#include "collector/store/recomputation.h"

namespace minewarden::collector {

/// Recomputes the verdict of a stored version and compares it with everything that its agent
/// reported, including the id, which depends on the agent's key.
[[nodiscard]] Recomputation check_finding(const StoredFinding& found, const RuleSource& source,
                                          WallTime now);

/// True if the id of a finding follows from its record and its agent's key. False if the agent uses
/// an arbitrary id, such as that of another agent's finding.
[[nodiscard]] bool has_own_id(const StoredFinding& found);

} // namespace minewarden::collector
