// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"

#include <atomic>
#include <chrono>

namespace minewarden::collector::postgres {

/// How long the connections of a store wait for their server: without a limit, until the store must
/// finish. Any thread.
class Patience {
  public:
    using Clock = std::chrono::steady_clock;

    Patience();
    void finish_within(std::chrono::milliseconds time);

    [[nodiscard]] bool is_finishing() const { return is_finishing_; }
    /// Readable after finish_within().
    [[nodiscard]] int fd() const { return wakeup_.get(); }
    /// REQUIRES: is_finishing()
    [[nodiscard]] Clock::time_point end() const { return Clock::time_point(end_); }

  private:
    Fd wakeup_;
    std::atomic<Clock::duration> end_{};
    std::atomic<bool> is_finishing_{false};
};

} // namespace minewarden::collector::postgres
