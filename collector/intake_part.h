// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/settings.h"
#include "common/result.h"

#include <string>
#include <vector>

namespace minewarden::collector {

/// The intake process: everything that peers send, without privileges (common/process/lockdown.h).
/// Returns after SIGTERM, or when its channel to the store process ends. `bound`: the endpoints of
/// its listening sockets.
Result<void> run_intake_part(const Settings& settings, const std::vector<std::string>& bound);

} // namespace minewarden::collector
