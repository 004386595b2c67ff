// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"
#include "rules/rule_set/rule_set.h"

namespace minewarden::agent {

/// Loads the rules in `given` if that is not empty, else those of agent.rules, else the shipped
/// pack and /etc/minewarden/rules.d. An error (kind config) lists every problem with
/// file:line:column.
Result<std::shared_ptr<const rules::RuleSet>>
load_rules(const Settings& settings, std::span<const std::filesystem::path> given);

} // namespace minewarden::agent
