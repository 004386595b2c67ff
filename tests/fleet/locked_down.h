// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace minewarden::fleet {

/// Locks this process down and tries what must fail, and what must work, as code would that has
/// taken over the intake. Returns for each try the name of the error, or "works".
[[nodiscard]] nlohmann::json try_locked_down();

} // namespace minewarden::fleet
