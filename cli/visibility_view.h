// SPDX-License-Identifier: Apache-2.0
// Hosts that cannot be seen, wholly or in part (docs/visibility.md), from the API's JSON. Values
// from hosts are escaped.
#pragma once

#include "common/language.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace minewarden::cli {

/// A heading and a line for each open record in the order given, at most `most` of them; "" if
/// there is none.
[[nodiscard]] std::string show_open_visibility(const nlohmann::json& records, Language language,
                                               std::size_t most);
/// The same for those that ended.
[[nodiscard]] std::string show_closed_visibility(const nlohmann::json& records, Language language,
                                                 std::size_t most);
/// One record, open or closed, as a line that begins with a mark that no finding has.
[[nodiscard]] std::string visibility_line(const nlohmann::json& record, Language language);

} // namespace minewarden::cli
