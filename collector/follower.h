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

/// Reads committed finding versions out of the store and gives them to a callback, each once, in
/// the order of commits, in a thread of its own. However slow the callback is, it holds up nothing,
/// and what waits for it takes no memory: it is in the store.
class Follower {
  public:
    /// Returns false to end the following. It may take as long as it likes until a stop is
    /// requested, and then must return soon.
    using Callback = std::function<bool(std::span<const StoredFinding>, const std::stop_token&)>;

    /// Begins with what is committed after `after`. `store` outlives the follower.
    Follower(FindingQueries& store, Cursor after, Callback callback);
    /// Gives the callback what is committed already, for a moment at most, and stops.
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    /// Something was committed. Any thread; returns at once.
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
