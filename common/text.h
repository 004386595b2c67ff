// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden {

/// Replaces every byte that is not part of valid UTF-8 (RFC 3629) by U+FFFD. Process names, paths
/// and payloads are bytes; text that leaves the agent is UTF-8.
[[nodiscard]] std::string to_valid_utf8(std::string_view bytes);

/// The longest beginning of valid UTF-8 that has at most so many bytes and cuts no character.
[[nodiscard]] std::string clip_utf8(std::string_view text, std::size_t bytes);

/// For showing values from outside on a terminal: control characters (C0, DEL, C1, bidirectional
/// overrides) become visible \x1b or \u202e escapes, so they cannot move the cursor, change colours
/// or reorder a line. A byte that is not valid UTF-8 becomes \\xff.
[[nodiscard]] std::string escape_for_terminal(std::string_view text);

/// The same, but leaves backslashes alone: for text of our own with values in it that may have been
/// escaped already.
[[nodiscard]] std::string escape_control_characters(std::string_view text);

/// RFC 4180 field: quoted if needed; a leading =, +, - or @ gets a quote character in front so that
/// a spreadsheet does not run it as a formula.
[[nodiscard]] std::string escape_for_csv(std::string_view text);

/// Columns the text takes on a terminal (Unicode TR11): East Asian wide characters take two,
/// combining ones none.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Cuts to at most `columns`, ending in an ellipsis if something was cut, and pads with spaces.
[[nodiscard]] std::string fit_to_width(std::string_view text, std::size_t columns);

/// The candidate nearest to `word` by edit distance, or "" if none is near enough to be a slip.
[[nodiscard]] std::string_view closest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// " (did you mean "x"?)" or "".
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string_view trim(std::string_view text);

} // namespace minewarden
