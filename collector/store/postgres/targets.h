// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <string>
#include <vector>

namespace minewarden::collector::postgres {

/// The servers that a postgresql:// URI names, one conninfo string for each, in its order: libpq
/// would wait for the first that does not answer and never try the others. Errors have kind config.
Result<std::vector<std::string>> targets_of(const std::string& uri);

/// The URI as it may be shown: without its password.
[[nodiscard]] std::string shown(const std::string& uri);

} // namespace minewarden::collector::postgres
