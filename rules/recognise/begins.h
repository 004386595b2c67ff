// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace minewarden::rules {

/// Whether the first bytes of a stream are those of a protocol; `perhaps` while there are too few.
enum class Begins : std::uint8_t { no, perhaps, yes };

} // namespace minewarden::rules
