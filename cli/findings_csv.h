// SPDX-License-Identifier: Apache-2.0
// Findings and visibility records as CSV (RFC 4180), from the API's JSON.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace minewarden::cli {

[[nodiscard]] std::string csv_header();
[[nodiscard]] std::string csv_row(const nlohmann::json& finding);
/// A visibility record as a row of the same table: its column "kind" is "visibility".
[[nodiscard]] std::string visibility_csv_row(const nlohmann::json& record);

} // namespace minewarden::cli
