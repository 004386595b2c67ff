// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/commit/retrying_store.h"
#include "collector/commit/turn_sink.h"
#include "collector/counters/counters.h"
#include "collector/store/intake_store.h"
#include "common/wakeup.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

namespace minewarden::collector {

/// Commits in a thread of this process, one turn at a time, so that the intake receives and checks
/// the next turn meanwhile.
class Committer : public TurnSink {
  public:
    /// `on_commit` is called in the committer's thread after each commit that stored something.
    Committer(IntakeStore& store, Counters& counters,
              std::function<void(const Outcome&)> on_commit);
    ~Committer() override;
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    [[nodiscard]] int done_fd() const override { return done_.fd(); }
    [[nodiscard]] bool can_start() const override { return !is_busy_; }
    void start(std::span<const Arrival> arrivals) override;
    std::optional<Outcome> take() override;
    void stop() override;

  private:
    void run();

    RetryingStore store_;
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
