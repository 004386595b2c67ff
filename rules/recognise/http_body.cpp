// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/http_body.h"

#include "common/text.h"
#include "rules/recognise/json_line.h"

#include <algorithm>
#include <charconv>

namespace minewarden::rules {

HttpBody::HttpBody(std::optional<std::uint64_t> length, bool chunked)
    : left_(chunked ? 0 : length.value_or(0)),
      to_the_end_(!chunked && !length),
      chunked_(chunked),
      complete_(!chunked && length && *length == 0) {
}

void HttpBody::keep(std::string_view piece) {
    const std::size_t room = JsonLine::maximum_bytes - text_.size();
    cut_ = cut_ || piece.size() > room;
    text_ += piece.substr(0, room);
}

void HttpBody::feed(std::string_view& bytes) {
    if (to_the_end_) {
        keep(bytes);
        bytes = {};
        return;
    }
    while (!complete_ && !broken_ && !bytes.empty()) {
        if (left_ > 0) {
            const std::size_t taken = std::min<std::uint64_t>(left_, bytes.size());
            keep(bytes.substr(0, taken));
            bytes.remove_prefix(taken);
            left_ -= taken;
            if (left_ == 0 && !chunked_) complete_ = true;
            continue;
        }
        const std::size_t newline = bytes.find('\n');
        line_ += bytes.substr(0, newline);
        constexpr std::size_t maximum_line = 256;
        if (line_.size() > maximum_line) broken_ = true;
        if (newline == bytes.npos) {
            bytes = {};
            return;
        }
        bytes.remove_prefix(newline + 1);
        take_chunk_line();
    }
}

/// Handles a line between chunks: the size of the next chunk, the empty line after a chunk, or a
/// trailer after the last.
void HttpBody::take_chunk_line() {
    const std::string text = std::move(line_);
    line_ = {};
    const std::string_view line = trim(text);
    if (last_chunk_) {
        complete_ = line.empty();
        return;
    }
    if (line.empty()) return; // end of a chunk
    const std::string_view digits = trim(line.substr(0, line.find(';')));
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    broken_ = error != std::errc() || end != digits.data() + digits.size();
    last_chunk_ = !broken_ && left_ == 0;
}

} // namespace minewarden::rules
