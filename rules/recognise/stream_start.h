// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace minewarden::rules {

/// Where in a connection the observed bytes begin. `middle`: the connection was open before, so the
/// first bytes of each direction may be within a message or frame.
enum class StreamStart { beginning, middle };

} // namespace minewarden::rules
