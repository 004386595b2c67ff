// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/net/line_buffer.h"

namespace minewarden::lab {

bool LineBuffer::append(std::string_view bytes) {
    text_.erase(0, taken_);
    taken_ = 0;
    text_ += bytes;
    for (const char c : bytes) {
        unfinished_ = c == '\n' ? 0 : unfinished_ + 1;
        if (unfinished_ > limit_) return false;
    }
    return true;
}

std::optional<std::string> LineBuffer::next() {
    const auto end = text_.find('\n', taken_);
    if (end == std::string::npos) return std::nullopt;
    std::string line = text_.substr(taken_, end - taken_);
    taken_ = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

} // namespace minewarden::lab
