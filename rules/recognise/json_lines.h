// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/json_line.h"
#include "rules/recognise/stream_start.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::rules {

/// The end of the object that begins at `begin`, one past its '}'; nullopt if it is not complete.
[[nodiscard]] std::optional<std::size_t> end_of_object(std::string_view text, std::size_t begin);

/// The begin of an object, with what is open closed, so that it can be read as far as it goes: the
/// text in which it was cut ends there. nullopt if it was not cut inside a text, or is nested
/// deeper than a JsonLine.
[[nodiscard]] std::optional<std::string> close_where_cut(std::string_view begin);

/// What `recognise` makes of the object, with repeated keys read in either way.
template <typename Recognise>
auto either_reading(JsonLine& line, Recognise recognise) {
    // No search for words first: keys can be written with escapes ("m\u0065thod").
    auto found = recognise(line);
    if (!found && line.has_repeated_keys()) {
        line.let_last_win();
        found = recognise(line);
    }
    return found;
}

/// Cuts one direction of a line protocol into its JSON objects. Objects end with their line or, as
/// some clients leave the newline out, where the next one begins or the bytes so far end. Keeps at
/// most one line, of JsonLine::maximum_bytes.
///
/// From the beginning, the first thing must be an object, or the stream is hopeless at once. From
/// the middle, the rest of a cut message is passed over, and objects are taken from lines and after
/// a '}'. A piece in which a line after the first is no object gives none, for it is text in which
/// objects happen to stand (a page about mining); after several such lines the stream is hopeless.
class JsonLines {
  public:
    explicit JsonLines(StreamStart start) : start_(start) {}

    /// The objects completed by these bytes, in order.
    std::vector<JsonLine> feed(std::string_view bytes);

    [[nodiscard]] bool is_hopeful() const { return hopeful_; }

  private:
    void give_up();
    void count_foreign_line();
    void end_line(std::vector<JsonLine>& objects);
    std::size_t take_objects(std::string_view text, bool line_ended,
                             std::vector<JsonLine>& objects) const;

    StreamStart start_;
    std::string line_; ///< begun and not yet taken
    bool any_seen_ = false;
    bool first_line_ = true; ///< may be the tail of a message, from the middle
    bool overlong_ = false;  ///< the line was too long: wait for its end
    bool foreign_now_ = false;
    int foreign_lines_ = 0;
    bool hopeful_ = true;
};

} // namespace minewarden::rules
