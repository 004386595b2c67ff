// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace minewarden::rules {

/// Reads the binary message at the start of a stream, field by field. `more`: the bytes end too
/// early. `wrong`: it is not such a message. In both states further reads do nothing.
class Preamble {
  public:
    explicit Preamble(std::string_view bytes) : bytes_(bytes) {}

    enum class State { good, more, wrong };
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool good() const { return state_ == State::good; }
    [[nodiscard]] std::size_t at() const { return at_; }

    std::size_t byte() {
        if (good() && at_ >= bytes_.size()) state_ = State::more;
        return good() ? static_cast<unsigned char>(bytes_[at_++]) : 0;
    }
    void expect(std::size_t value) {
        const std::size_t seen = byte();
        if (good() && seen != value) state_ = State::wrong;
    }
    void expect_that(bool holds) {
        if (good() && !holds) state_ = State::wrong;
    }
    void skip(std::size_t count) {
        if (!good()) return;
        at_ += count;
        if (at_ > bytes_.size()) state_ = State::more;
    }
    /// Skips past the next NUL, which must follow within `most` bytes.
    void skip_text(std::size_t most) {
        if (!good()) return;
        const std::size_t end = bytes_.substr(at_, most + 1).find('\0');
        if (end != bytes_.npos)
            at_ += end + 1;
        else
            state_ = bytes_.size() - at_ > most ? State::wrong : State::more;
    }
    [[nodiscard]] bool next_is(std::size_t value) const {
        return at_ < bytes_.size() && static_cast<unsigned char>(bytes_[at_]) == value;
    }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
    State state_ = State::good;
};

} // namespace minewarden::rules
