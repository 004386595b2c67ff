// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"
#include "rules/rule_set/rule_set.h"

namespace minewarden::agent {

/// Loads the rules in `given` if that is not empty, else those of agent.rules, else the shipped
/// pack and /etc/minewarden/rules.d.
///
/// An error in `given`, or in the shipped pack, is an error (kind config) that lists every problem
/// with file:line:column. Any other bad file is left out and becomes one of `problems`; if no rule
/// is left, the shipped pack is in force.
Result<std::shared_ptr<const rules::RuleSet>>
load_rules(const Settings& settings, std::span<const std::filesystem::path> given,
           std::vector<std::string>& problems);

} // namespace minewarden::agent
