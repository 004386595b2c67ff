// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace minewarden {

/// Sends the daemons' diagnostics to stderr, one line each. `format` is text or json, `level` is
/// debug, info, warn or error (the settings log.format and log.level). Values from outside must be
/// escaped before they are logged.
void set_up_log(std::string_view program, std::string_view format, std::string_view level);

} // namespace minewarden
