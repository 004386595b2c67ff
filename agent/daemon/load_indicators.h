// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"
#include "rules/intel/indicators.h"

namespace minewarden::agent {

/// Loads the indicator lists of agent.intel, or else the shipped ones and /etc/minewarden/intel.d.
/// A bad file is left out and becomes one of `problems`. It is no error if there is no list.
Result<std::shared_ptr<const rules::IndicatorSet>>
load_indicators(const Settings& settings, std::vector<std::string>& problems);

} // namespace minewarden::agent
