// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/core.h>

#include <string_view>

/// Diagnostics of the daemons, on stderr. Any thread may log. Control characters in a message are
/// escaped where it is written, so a value from outside cannot forge a line or move the cursor.
/// A reader of stderr that stalls or goes away holds nothing up: lines are dropped, counted, and
/// their number is logged once stderr is read again.
namespace minewarden::log {

enum class Level { debug, info, warning, error };

/// `format` is text or json, `level` is debug, info, warn or error (the settings log.format and
/// log.level). Until it is called, warnings and errors are written as text.
void set_up(std::string_view program, std::string_view format, std::string_view level);

[[nodiscard]] bool is_on(Level level);

/// Writes one line.
void write(Level level, std::string_view message);
/// Writes a line for each line of the text.
void write_lines(Level level, std::string_view text);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    if (is_on(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    if (is_on(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
    if (is_on(Level::warning))
        write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    if (is_on(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

} // namespace minewarden::log
