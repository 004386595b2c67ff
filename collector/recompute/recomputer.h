// SPDX-License-Identifier: Apache-2.0
#pragma once

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
    SampleSize sample = {};                ///< per_mille 0: none
    std::chrono::milliseconds round{1000}; ///< minimum time between rounds
};

/// Since start. Written by the recomputer, read by any thread.
struct RecomputeCounters {
    using Counter = std::atomic<std::uint64_t>;
    Counter matched{0};
    Counter mismatched{0};
    Counter rules_missing{0};
    Counter newer_version{0};
    Counter unreadable{0};
    Counter skipped{0}; ///< in the sample, but beyond the budget
};

/// Recomputes a sample of the committed verdicts, in a thread of lowest priority. It follows the
/// findings of all collectors in the store. One unit of work stores its results and its position,
/// so in a shared database exactly one collector does each range of findings. Waiting findings use
/// no memory. A mismatch does not change the finding: it is stored beside it, and logged once for
/// each agent.
class Recomputer {
  public:
    static constexpr std::string_view follower_name = "recompute";

    /// `store` and `counters` outlive it.
    Recomputer(Store& store, RecomputeCounters& counters, RecomputeOptions options);
    /// Stops after the current verdict; stores the results so far.
    ~Recomputer();
    Recomputer(const Recomputer&) = delete;
    Recomputer& operator=(const Recomputer&) = delete;

    /// Everything up to `last` is committed. Called by the committing thread, which also writes
    /// waiting results, so that it never waits for a writer of lowest priority.
    void note_commit(Cursor last);

  private:
    /// A range of findings, recomputed but not written yet.
    struct Work {
        std::optional<Cursor> from;
        Cursor to;
        std::vector<RecomputedFinding> results;
    };

    void run();
    /// At most one range.
    void do_round();
    /// nullopt if there is nothing new, or the store cannot be read.
    std::optional<Work> check(std::optional<Cursor> from);
    void count(const Recomputation& recomputation);
    void log_mismatch(const StoredFinding& found, const Recomputation& recomputation);
    void write_results();
    /// False if another collector did this range.
    Result<bool> write(const Work& work);
    [[nodiscard]] bool has_news() const;

    Store& store_;
    RecomputeCounters& counters_;
    RecomputeOptions options_;
    StoredRules rules_; ///< its own, so that no other thread waits while it compiles rules
    std::mt19937_64 random_;
    std::set<CurvePublicKey> logged_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool knows_position_ = false;
    std::optional<Cursor> position_; ///< the position in the store, if known
    Cursor last_;
    std::optional<Work> finished_;
    std::mutex writing_; ///< the results, once
    std::atomic<bool> is_stopping_{false};

    std::thread thread_;
};

} // namespace minewarden::collector
