// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace minewarden::rules {

/// Where in a connection the observed bytes begin. `middle`: it was open before it was watched, so
/// the first bytes of each direction may be the tail of a message or lie within a frame.
enum class StreamStart { beginning, middle };

} // namespace minewarden::rules
