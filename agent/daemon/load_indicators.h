// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"
#include "rules/intel/indicators.h"

namespace minewarden::agent {

/// Indicator lists from agent.intel, else the shipped ones and what is in /etc/minewarden/intel.d.
/// An error (kind config) lists every problem with file:line:column. No list at all is no error.
Result<std::shared_ptr<const rules::IndicatorSet>> load_indicators(const Settings& settings);

} // namespace minewarden::agent
