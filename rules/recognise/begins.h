// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace minewarden::rules {

/// Whether a stream begins as a protocol requires. `perhaps`: more bytes are needed.
enum class Begins : std::uint8_t { no, perhaps, yes };

} // namespace minewarden::rules
