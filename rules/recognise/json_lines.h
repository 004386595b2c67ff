// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/json_line.h"
#include "rules/recognise/stream_start.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::rules {

/// Position after the '}' of the object that begins at `begin`; nullopt if it is incomplete.
[[nodiscard]] std::optional<std::size_t> end_of_object(std::string_view text, std::size_t begin);

/// Completes an object that was cut inside a text: closes the text and all open brackets, so that
/// the object can be parsed. nullopt if it was not cut inside a text, or is nested deeper than a
/// JsonLine allows.
[[nodiscard]] std::optional<std::string> close_where_cut(std::string_view begin);

/// Calls `recognise` on the object. If it finds nothing and keys are repeated, tries again with the
/// last of repeated keys.
template <typename Recognise>
auto either_reading(JsonLine& line, Recognise recognise) {
    // Do not search for words first: keys can contain escapes ("m\u0065thod").
    auto found = recognise(line);
    if (!found && line.has_repeated_keys()) {
        line.let_last_win();
        found = recognise(line);
    }
    return found;
}

/// Splits one direction of a line protocol into JSON objects. An object ends with its line. Some
/// clients omit the newline, so it also ends where the next object begins or the bytes so far end.
/// Keeps at most one line, of JsonLine::maximum_bytes.
///
/// From the beginning of a stream, the first bytes must be an object; otherwise it stops. From the
/// middle, it skips the rest of a cut message and takes objects from lines and after a '}'. If a
/// line after the first is not an object, the piece is text that merely contains objects (such as a
/// page about mining) and gives none. After several such lines it stops.
class JsonLines {
  public:
    explicit JsonLines(StreamStart start) : start_(start) {}

    /// The objects completed by these bytes, in order.
    std::vector<JsonLine> feed(std::string_view bytes);

    [[nodiscard]] bool wants_more() const { return wants_more_; }

  private:
    void give_up();
    void count_foreign_line();
    void end_line(std::vector<JsonLine>& objects);
    std::size_t take_objects(std::string_view text, bool line_ended,
                             std::vector<JsonLine>& objects) const;

    StreamStart start_;
    std::string line_; ///< incomplete line
    bool any_seen_ = false;
    bool first_line_ = true; ///< in the middle of a stream: may be the tail of a message
    bool overlong_ = false;  ///< the line is too long: skip to its end
    bool foreign_now_ = false;
    int foreign_lines_ = 0;
    bool wants_more_ = true;
};

} // namespace minewarden::rules
