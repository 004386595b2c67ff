// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"

#include <chrono>
#include <cstdint>

namespace minewarden::agent {

/// Decides when a window ends. Windows follow each other without a gap and have the same length,
/// except for two cases: one that ends late starts the next at its actual end, and one may end
/// early when something was seen that is worth judging at once.
///
/// Early ends are rare, because rules count windows to say "without pause", and no program must be
/// able to shorten windows as it likes.
class WindowClock {
  public:
    /// Windows of full length after one that ended early, before another one may.
    static constexpr std::uint64_t windows_between_early_ends = 5;

    /// `length` > 0. The first window begins with the first end().
    explicit WindowClock(std::chrono::nanoseconds length)
        : length_ns_(static_cast<std::uint64_t>(length.count())) {}

    /// True if the window has its full length.
    [[nodiscard]] bool is_over(BootTime now) const { return now >= end_; }
    /// True if the window may end before that: it is at least three tenths long, and no window
    /// ended early lately.
    [[nodiscard]] bool may_end_early(BootTime now) const;

    /// How a window ended.
    enum class Ending {
        early,
        on_time, ///< less than one length late
        late,    ///< the windows in between are missing
    };
    /// The window ends now and the next one begins. REQUIRES: `now` never goes back
    Ending end(BootTime now);

    /// How many windows have ended.
    [[nodiscard]] std::uint64_t ended() const { return ended_; }

  private:
    std::uint64_t length_ns_;
    BootTime end_; ///< of the running window, at full length
    std::uint64_t ended_ = 0;
    std::uint64_t full_since_early_ = windows_between_early_ends;
};

} // namespace minewarden::agent
