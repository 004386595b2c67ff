// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/core.h>

#include <string_view>

/// Logs diagnostics of the daemons to stderr. Thread-safe. Escapes control characters in messages,
/// so that untrusted values cannot forge a line or move the cursor. A reader of stderr that stalls
/// or goes away blocks nothing: lines are dropped and counted, and the count is logged once stderr
/// is read again.
namespace minewarden::log {

enum class Level { debug, info, warning, error };

/// `format`: text or json. `level`: debug, info, warn or error (settings log.format and log.level).
/// Before this call, warnings and errors are written as text.
void set_up(std::string_view program, std::string_view format, std::string_view level);

[[nodiscard]] bool is_on(Level level);

/// Writes one line.
void write(Level level, std::string_view message);
/// Writes one log line per line of the text.
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
