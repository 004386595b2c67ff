// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"
#include "common/wakeup.h"

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

namespace minewarden {

/// Writes texts to stdout or stderr. Waits for the reader no longer than the caller allows, and
/// holds at most one text in memory. One thread at a time.
///
/// Other processes may share the descriptor, so its flags stay as they are: a pipe or a terminal is
/// opened again for this output. That can need privileges, so create it before they are dropped.
class BoundedOutput {
  public:
    /// `fd` stays open as long as the output is used.
    /// Throws std::system_error if the process has no descriptor left.
    explicit BoundedOutput(int fd);
    BoundedOutput(const BoundedOutput&) = delete;
    BoundedOutput& operator=(const BoundedOutput&) = delete;

    /// Writes the text whole or not at all: of a text that was written in part, the rest is kept
    /// and written before the next one. Tries until `patience` has passed or a stop is requested,
    /// at least once. The error is that of errno: EAGAIN if the reader takes nothing, EPIPE at once
    /// if it is gone. Needs SIGPIPE ignored.
    Result<void, int> write(std::string_view text, std::chrono::milliseconds patience,
                            const std::stop_token& stop = {});
    /// No rest of a text is left to write.
    [[nodiscard]] bool is_complete() const { return rest_.empty(); }

  private:
    using Clock = std::chrono::steady_clock;
    enum class Kind { plain, socket, shared };

    [[nodiscard]] int fd() const { return own_ ? own_.get() : fd_; }
    Result<std::size_t, int> write_once(std::string_view bytes) const;
    Result<std::size_t, int> write_some(std::string_view bytes, Clock::time_point end,
                                        const std::stop_token& stop);
    bool wait(int error, Clock::time_point end, const std::stop_token& stop);

    int fd_;
    Fd own_; ///< the same file with a description of its own, which does not block
    Kind kind_ = Kind::plain;
    std::string rest_; ///< of a text that was written in part
    Wakeup stopped_;
};

} // namespace minewarden
