// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/wakeup.h"

#include <atomic>
#include <chrono>
#include <string_view>

namespace minewarden::lab {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Says when to end: at a deadline, or earlier when somebody asks. Any thread may use every member;
/// request() may also be called from a signal handler.
class Stop {
  public:
    /// Throws std::system_error if the process has no descriptor left.
    explicit Stop(std::chrono::milliseconds limit);

    void request() noexcept;
    [[nodiscard]] bool requested() const noexcept;

    /// Readable once request() was called; never because of the deadline.
    [[nodiscard]] int fd() const { return event_.fd(); }
    /// Milliseconds for poll(2) until `next` or the deadline, whichever is earlier.
    [[nodiscard]] int poll_timeout(SteadyTime next = SteadyTime::max()) const;
    /// Returns at once when a stop is requested. Uses integers only: a RandomX thread calls it with
    /// an unusual rounding mode.
    void sleep(std::chrono::nanoseconds duration) const;

    /// "request" or "time limit"; meaningful once requested().
    [[nodiscard]] std::string_view reason() const;

  private:
    SteadyTime deadline_;
    std::atomic<bool> asked_ = false;
    Wakeup event_;
};

/// While it lives, SIGTERM and SIGINT request the stop, and an alarm some seconds after the limit
/// kills a process that did not end. At most one exists.
class StopOnSignals {
  public:
    StopOnSignals(Stop& stop, std::chrono::seconds limit);
    ~StopOnSignals();
    StopOnSignals(const StopOnSignals&) = delete;
    StopOnSignals& operator=(const StopOnSignals&) = delete;
};

} // namespace minewarden::lab
