// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace minewarden::lab {

/// Splits a byte stream into lines of limited length.
class LineBuffer {
  public:
    explicit LineBuffer(std::size_t limit) : limit_(limit) {}

    /// Returns false if a line, complete or not, is longer than the limit. The stream is unusable
    /// then.
    [[nodiscard]] bool append(std::string_view bytes);

    /// The next complete line without its end (\n or \r\n).
    [[nodiscard]] std::optional<std::string> next();

  private:
    std::size_t limit_;
    std::size_t unfinished_ = 0; ///< length of the incomplete last line
    std::size_t taken_ = 0;      ///< bytes of text_ that next() returned
    std::string text_;
};

} // namespace minewarden::lab
