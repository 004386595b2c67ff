// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/intake/counters.h"
#include "collector/store/intake_store.h"
#include "common/wakeup.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

namespace minewarden::collector {

/// Commits in its own thread, one turn at a time, so that the intake receives and checks the next
/// turn meanwhile. If the store fails (disk full), retries the same commit until it succeeds.
class Committer {
  public:
    /// `on_commit` is called in the committer's thread after each commit that stored something.
    Committer(IntakeStore& store, Counters& counters,
              std::function<void(const Outcome&)> on_commit);
    /// Finishes the current commit, but does not wait for a store that fails.
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// Readable when the commit is done.
    [[nodiscard]] int done_fd() const { return done_.fd(); }
    [[nodiscard]] bool is_busy() const { return is_busy_; }

    // Called by the thread of the intake only:

    /// REQUIRES: !is_busy(). `arrivals` and the data that they refer to must not change until
    /// take().
    void start(std::span<const Arrival> arrivals);
    /// The outcome of the commit if it is done.
    std::optional<Outcome> take();

  private:
    void run();
    std::optional<Outcome> commit(std::span<const Arrival> arrivals);
    [[nodiscard]] bool is_stopped_within(std::chrono::milliseconds duration);
    void count(const Outcome& outcome, std::chrono::nanoseconds took);

    IntakeStore& store_;
    Counters& counters_;
    std::function<void(const Outcome&)> on_commit_;
    bool is_busy_ = false; ///< from start() to take()
    Wakeup done_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<std::span<const Arrival>> work_;
    std::optional<Outcome> outcome_;
    bool is_stopping_ = false;

    std::thread thread_;
};

} // namespace minewarden::collector
