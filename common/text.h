// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden {

/// Replaces each byte that is not valid UTF-8 (RFC 3629) by U+FFFD. Process names, paths and
/// payloads are arbitrary bytes; text that leaves the agent is UTF-8.
[[nodiscard]] std::string to_valid_utf8(std::string_view bytes);

/// The longest prefix of at most `bytes` bytes that does not split a character. REQUIRES: valid
/// UTF-8
[[nodiscard]] std::string clip_utf8(std::string_view text, std::size_t bytes);

/// Makes untrusted values safe for a terminal: control characters (C0, DEL, C1, bidirectional
/// overrides) become visible escapes like \x1b or \u202e, so that they cannot move the cursor,
/// change colours or reorder a line. Bytes that are not valid UTF-8 become escapes like \\xff.
[[nodiscard]] std::string escape_for_terminal(std::string_view text);

/// The same, but keeps backslashes. For trusted text with values that may be escaped already.
[[nodiscard]] std::string escape_control_characters(std::string_view text);

/// RFC 4180 field, quoted if needed. Puts a ' before a leading =, +, - or @, so that a spreadsheet
/// does not run it as a formula.
[[nodiscard]] std::string escape_for_csv(std::string_view text);

/// Number of columns on a terminal (Unicode TR11): East Asian wide characters take two, combining
/// characters none.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// Cuts or pads to exactly `columns`. A cut text ends in an ellipsis.
[[nodiscard]] std::string fit_to_width(std::string_view text, std::size_t columns);

/// The candidate closest to `word` by edit distance, or "" if none is close enough to be a typo.
[[nodiscard]] std::string_view closest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// " (did you mean "x"?)" or "".
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string_view trim(std::string_view text);

} // namespace minewarden
