// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/findings.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>

namespace minewarden::collector {

/// Reads committed finding versions from the store and passes each one once to a callback, in the
/// order of commits and in its own thread. A slow callback blocks nothing else, and versions that
/// wait for it use no memory: they are in the store.
class Follower {
  public:
    /// Returns false to stop. May take any time, but must return soon after a stop is requested.
    using Callback = std::function<bool(std::span<const StoredFinding>, const std::stop_token&)>;

    /// Starts with the first version after `after`. `store` outlives the follower.
    Follower(FindingQueries& store, Cursor after, Callback callback);
    /// Passes the versions that are already committed, for a short time at most, and stops.
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    /// Call after commits. Any thread; returns at once.
    void notify();

  private:
    void run(const std::stop_token& stop);
    bool catch_up(const std::stop_token& stop);

    FindingQueries& store_;
    Cursor after_;
    Callback callback_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool is_behind_ = false;
    std::jthread thread_;
};

} // namespace minewarden::collector
