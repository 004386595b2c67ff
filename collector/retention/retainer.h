// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/retention.h"
#include "collector/store/store.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace minewarden::collector {

struct RetentionOptions {
    RetentionPolicy policy = {};
    std::chrono::milliseconds interval{std::chrono::minutes(1)}; ///< between two passes
};

/// Deletes expired data in its own thread, in small units of work with longer pauses between them.
/// So the intake has the database most of the time. Several collectors with one database may each
/// run one.
class Retainer {
  public:
    /// `store` outlives it.
    Retainer(Store& store, RetentionOptions options);
    /// Stops after the current unit of work.
    ~Retainer();
    Retainer(const Retainer&) = delete;
    Retainer& operator=(const Retainer&) = delete;

  private:
    void run();
    /// Over all classes of data.
    Result<void> do_pass();
    Result<RetentionStep> do_step(RetentionProgress& progress);
    /// A multiple of the duration of a step.
    void rest(std::chrono::steady_clock::time_point step_began);
    bool is_stopped_within(std::chrono::nanoseconds time);

    Store& store_;
    RetentionOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_stopping_ = false;
    std::thread thread_;
};

} // namespace minewarden::collector
