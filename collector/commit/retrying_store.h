// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/counters/counters.h"
#include "collector/store/intake_store.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>

namespace minewarden::collector {

/// Commits a turn until it is stored (disk full, database unreachable), and counts.
class RetryingStore {
  public:
    RetryingStore(IntakeStore& store, Counters& counters) : store_(store), counters_(counters) {}

    /// Waits until the arrivals are committed; nullopt if stopped before. One thread.
    std::optional<Outcome> commit(std::span<const Arrival> arrivals);
    /// Ends the waiting between tries. Any thread.
    void stop();

  private:
    [[nodiscard]] bool is_stopped_within(std::chrono::milliseconds duration);
    void count(const Outcome& outcome, std::chrono::nanoseconds took);

    IntakeStore& store_;
    Counters& counters_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_stopping_ = false;
};

/// Whether a follower of the store has something new to read.
[[nodiscard]] inline bool has_news(const Outcome& outcome) {
    return outcome.findings + outcome.gaps + outcome.visibility > 0;
}

} // namespace minewarden::collector
