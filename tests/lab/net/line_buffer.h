// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace minewarden::lab {

/// Cuts a byte stream into lines of bounded length.
class LineBuffer {
  public:
    explicit LineBuffer(std::size_t limit) : limit_(limit) {}

    /// False as soon as a line, ended or not, is longer than the limit; the stream cannot be used
    /// any more then.
    [[nodiscard]] bool append(std::string_view bytes);

    /// The next whole line without its end (\n or \r\n).
    [[nodiscard]] std::optional<std::string> next();

  private:
    std::size_t limit_;
    std::size_t unfinished_ = 0; ///< length of the last line, which has no end yet
    std::size_t taken_ = 0;      ///< bytes of text_ that next() gave out
    std::string text_;
};

} // namespace minewarden::lab
