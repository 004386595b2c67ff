// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/sample.h"
#include "collector/recompute/stored_rules.h"
#include "collector/store/store.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace minewarden::collector {

struct RecomputeOptions {
    std::uint64_t sample_per_mille = 1000; ///< 0: none
    std::size_t budget = 200;              ///< verdicts in one round
    std::chrono::milliseconds round{1000}; ///< least time from round to round
};

/// Since start. Written by the recomputer, read by any thread.
struct RecomputeCounters {
    using Counter = std::atomic<std::uint64_t>;
    Counter matched{0};
    Counter mismatched{0};
    Counter rules_missing{0};
    Counter newer_version{0};
    Counter unreadable{0};
    Counter skipped{0};  ///< in the sample, left out because more came than the budget allows
    Counter not_kept{0}; ///< results that could not be stored
};

/// Makes a sample of the committed verdicts again, in a thread of lowest priority. What waits is a
/// range of rows in the store, so it takes no memory however far behind it is. A mismatch changes
/// nothing about the finding: it is stored beside it and logged once for each agent.
class Recomputer {
  public:
    /// Looks at what is committed after `from`. `store` and `counters` outlive it.
    Recomputer(Store& store, RecomputeCounters& counters, RecomputeOptions options, Cursor from);
    /// Stops within a verdict; results so far are kept.
    ~Recomputer();
    Recomputer(const Recomputer&) = delete;
    Recomputer& operator=(const Recomputer&) = delete;

    /// Everything up to `last` is committed. By the committing thread, which also writes down the
    /// results that wait: it never has to wait for a thread of lowest priority then.
    void note_commit(Cursor last);

  private:
    void run();
    void check(Cursor after, Cursor last);
    void count(const Recomputation& recomputation);
    void log_mismatch(const StoredFinding& found, const Recomputation& recomputation);
    void write_results();

    Store& store_;
    RecomputeCounters& counters_;
    RecomputeOptions options_;
    StoredRules rules_; ///< its own, so that nobody waits while it compiles some
    std::mt19937_64 random_;
    std::set<CurvePublicKey> logged_;

    std::mutex mutex_;
    std::condition_variable changed_;
    Cursor done_;
    Cursor last_;
    std::vector<RecomputedFinding> results_;
    std::atomic<bool> is_stopping_{false};

    std::thread thread_;
};

} // namespace minewarden::collector
