// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace minewarden::rules {

/// Labels of lower-case letters, digits, '-' and '_', 1 to 63 bytes each, 253 in all.
[[nodiscard]] bool is_host_name(std::string_view name);

/// 1 to 32 lower-case letters, digits and '-'.
[[nodiscard]] bool is_coin_name(std::string_view name);

/// The name without its first label; "" if it has only one.
[[nodiscard]] std::string_view parent_of(std::string_view name);

} // namespace minewarden::rules
