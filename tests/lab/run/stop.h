// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/wakeup.h"

#include <atomic>
#include <chrono>
#include <string_view>

namespace minewarden::lab {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Tells when to end: at a deadline, or earlier on request. Thread-safe; request() is also safe in
/// a signal handler.
class Stop {
  public:
    /// Throws std::system_error if it cannot open a descriptor.
    explicit Stop(std::chrono::milliseconds limit);

    void request() noexcept;
    [[nodiscard]] bool requested() const noexcept;

    /// Becomes readable on request(), not at the deadline.
    [[nodiscard]] int fd() const { return event_.fd(); }
    /// Timeout for poll(2) in ms until `next` or the deadline, whichever is earlier.
    [[nodiscard]] int poll_timeout(SteadyTime next = SteadyTime::max()) const;
    /// Returns immediately when a stop is requested. Uses only integers, because RandomX threads
    /// call it with another rounding mode.
    void sleep(std::chrono::nanoseconds duration) const;

    /// "request" or "time limit". REQUIRES: requested()
    [[nodiscard]] std::string_view reason() const;

  private:
    SteadyTime deadline_;
    std::atomic<bool> asked_ = false;
    Wakeup event_;
};

/// While it lives, SIGTERM and SIGINT request the stop, and an alarm some seconds after the limit
/// kills a process that has not ended. At most one may exist.
class StopOnSignals {
  public:
    StopOnSignals(Stop& stop, std::chrono::seconds limit);
    ~StopOnSignals();
    StopOnSignals(const StopOnSignals&) = delete;
    StopOnSignals& operator=(const StopOnSignals&) = delete;
};

} // namespace minewarden::lab
