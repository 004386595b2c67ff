// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <string>
#include <vector>

namespace minewarden::collector::postgres {

/// The servers of a postgresql:// URI, one conninfo string each, in order. libpq would wait for the
/// first one that does not respond and never try the others. Errors have kind config.
Result<std::vector<std::string>> targets_of(const std::string& uri);

/// The URI without its password, for messages.
[[nodiscard]] std::string shown(const std::string& uri);

} // namespace minewarden::collector::postgres
