// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"
#include "common/result.h"

#include <string>
#include <vector>

namespace minewarden::collector {

/// The store process: database, its followers and the API. It serves the intake processes whose
/// channels the supervisor passes. Returns after SIGTERM. `bound`: where agents connect.
Result<void> run_store_part(const Settings& settings, const std::vector<std::string>& bound);

} // namespace minewarden::collector
