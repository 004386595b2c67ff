// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace minewarden::cli {

/// How findings are shown on a terminal.
struct ViewStyle {
    Language language = Language::en;
    bool colour = false;
    std::size_t columns = 80;
};

/// Uses colour only on a terminal and unless NO_COLOR is set. Columns: of the terminal, else 120.
[[nodiscard]] ViewStyle style_of_terminal(Language language);

/// A whole finding from the API's JSON: what, where, evidence for and against, what would settle
/// it, and the sum. Values from the host are escaped.
[[nodiscard]] std::string show_finding(const nlohmann::json& finding, const ViewStyle& style);

[[nodiscard]] std::string table_header(const ViewStyle& style);
[[nodiscard]] std::string table_row(const nlohmann::json& finding, const ViewStyle& style);

} // namespace minewarden::cli
