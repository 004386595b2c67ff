// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace minewarden::cli {

/// The text or integer at a path such as "subject.workload.label", escaped for a terminal; "" if
/// there is none.
[[nodiscard]] std::string text_at(const nlohmann::json& value, std::string_view path);
/// The integer member of this name, which the API writes as a string beyond 2^53; 0 if there is
/// none.
[[nodiscard]] std::int64_t integer_at(const nlohmann::json& value, const char* key);

} // namespace minewarden::cli
