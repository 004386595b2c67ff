// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/sources/capability.h"

#include <string>
#include <vector>

namespace minewarden::agent {

/// The output of --probe: the capabilities of this host.
[[nodiscard]] std::string to_table(const std::vector<Capability>& capabilities);
[[nodiscard]] std::string to_json(const std::vector<Capability>& capabilities);

} // namespace minewarden::agent
