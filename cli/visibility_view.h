// SPDX-License-Identifier: Apache-2.0
// Hosts that cannot be seen, fully or in part (docs/visibility.md), from the API's JSON. Values
// from hosts are escaped.
#pragma once

#include "common/language.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace minewarden::cli {

/// A heading and a line for each open record, in the order given and at most `most`; "" without
/// open records.
[[nodiscard]] std::string show_open_visibility(const nlohmann::json& records, Language language,
                                               std::size_t most);
/// The same for closed records.
[[nodiscard]] std::string show_closed_visibility(const nlohmann::json& records, Language language,
                                                 std::size_t most);
/// One record, open or closed, as a line. Its first character marks it: no finding starts so.
[[nodiscard]] std::string visibility_line(const nlohmann::json& record, Language language);

} // namespace minewarden::cli
