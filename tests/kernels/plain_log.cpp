// SPDX-License-Identifier: Apache-2.0
// Debian has spdlog as a shared library only, and these tests are linked statically: they write
// what is logged as it is.
#include "common/log.h"

#include <cstdio>

namespace minewarden::log {

bool is_on(Level level) {
    return level >= Level::warning;
}

void write(Level level, std::string_view message) {
    if (is_on(level)) fmt::print(stderr, "{}\n", message);
}

void write_lines(Level level, std::string_view text) {
    write(level, text);
}

} // namespace minewarden::log
