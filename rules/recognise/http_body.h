// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::rules {

/// Extracts the body of one HTTP message from a stream: by its length, in chunks (RFC 9112 7.1), or
/// to the end of the connection. Keeps at most JsonLine::maximum_bytes of it.
class HttpBody {
  public:
    HttpBody() : HttpBody(0, false) {}
    /// Without a length and not chunked: the body lasts to the end of the connection.
    HttpBody(std::optional<std::uint64_t> length, bool chunked);

    /// Consumes the part of `bytes` that belongs to the body.
    void feed(std::string_view& bytes);

    [[nodiscard]] bool is_complete() const { return complete_; }
    [[nodiscard]] bool is_broken() const { return broken_; }
    /// The body is longer than the kept text.
    [[nodiscard]] bool is_cut() const { return cut_; }
    [[nodiscard]] std::string_view text() const { return text_; }

  private:
    void keep(std::string_view piece);
    void take_chunk_line();

    std::string text_;
    std::uint64_t left_ = 0; ///< bytes left of the body or the current chunk
    bool to_the_end_ = false;
    bool chunked_ = false;
    bool last_chunk_ = false;
    std::string line_; ///< the line between chunks, as far as read
    bool complete_ = false;
    bool broken_ = false;
    bool cut_ = false;
};

} // namespace minewarden::rules
