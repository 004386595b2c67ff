// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace minewarden::cli {

/// The text or integer at a path such as "subject.workload.label", safe to print; "" if there is
/// none.
[[nodiscard]] std::string text_at(const nlohmann::json& value, std::string_view path);

} // namespace minewarden::cli
