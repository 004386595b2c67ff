// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"
#include "common/result.h"

#include <chrono>
#include <functional>

namespace minewarden::agent {

/// Waits for the tick, the event ring and signals, in one thread.
class EventLoop {
  public:
    struct Handlers {
        std::function<void()> on_tick;
        std::function<void()> on_readable; ///< the descriptor given to open() is readable
        std::function<void()> on_reload;   ///< SIGHUP
    };

    /// Blocks SIGTERM, SIGINT and SIGHUP in this thread and those that it starts later. Call it
    /// before any thread is started.
    static void block_signals();

    /// `readable` outlives the loop.
    static Result<EventLoop> open(std::chrono::nanoseconds tick, int readable);

    /// Returns after SIGTERM or SIGINT.
    Result<void> run(const Handlers& handlers);

  private:
    Fd epoll_;
    Fd timer_;
    Fd signals_;
    int readable_ = -1;
};

} // namespace minewarden::agent
