// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace minewarden::lab {

[[nodiscard]] std::string random_bytes(std::size_t count);
[[nodiscard]] std::string random_hex(std::size_t bytes);

} // namespace minewarden::lab
