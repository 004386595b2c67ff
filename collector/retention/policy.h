// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/retention.h"
#include "common/config/settings.h"

namespace minewarden::collector {

/// The policy of the settings retention.*.
[[nodiscard]] RetentionPolicy retention_policy(const Settings& settings);

} // namespace minewarden::collector
