// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"

#include <nlohmann/json.hpp>

#include <string>

namespace minewarden::cli {

/// What the store keeps, from `store` of /api/v1/status: a line for each class of data with rows,
/// bytes, the oldest, the limits of retention and what it deleted. "" from a collector that does
/// not report it.
[[nodiscard]] std::string show_storage(const nlohmann::json& store, Language language);

} // namespace minewarden::cli
