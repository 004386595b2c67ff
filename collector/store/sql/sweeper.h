// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/retention.h"
#include "collector/store/sql/counter_table.h"
#include "collector/store/sql/finding_table.h"

#include <map>

namespace minewarden::collector::sql {

/// Deletes what the retention policy does not keep, oldest first, a small batch at a time. Within a
/// transaction.
class Sweeper {
  public:
    /// The references outlive the sweeper.
    static Result<Sweeper> open(Connection& connection, FindingTable& findings,
                                CounterTable& counters);

    /// As UnitOfWork::remove_expired.
    Result<RetentionStep> step(const RetentionPolicy& policy, RetentionProgress& progress,
                               WallTime now);

  private:
    /// What of one class is to go.
    struct Target {
        DataClass data;
        std::optional<WallTime> before; ///< everything older
        std::uint64_t bytes = 0;        ///< and the oldest until so many are left; 0: all may stay
    };
    enum class Verdict { keep, remove, stop };

    Sweeper(FindingTable& findings, CounterTable& counters)
        : findings_(&findings), counters_(&counters) {}

    [[nodiscard]] bool is_too_large(const Target& target) const;
    /// Of the oldest row not looked at yet, which has this time and is `pinned` if it must stay.
    [[nodiscard]] Verdict judge(const Target& target, WallTime time, bool pinned,
                                WallTime now) const;

    Result<bool> sweep_findings(const Target& target, std::int64_t& row, WallTime now);
    Result<bool> sweep_gaps(const Target& target, std::int64_t& row, WallTime now);
    Result<bool> sweep_visibility(const Target& target, std::int64_t& row, WallTime now);
    Result<bool> sweep_rule_sets(const Target& target);
    Result<bool> sweep_agents(const Target& target, std::int64_t& row);
    /// Rules last used before this are named by no finding that is kept.
    Result<std::int64_t> oldest_finding_ns();
    Result<void> release(const std::map<std::int64_t, std::int64_t>& streams);
    /// Deletes rows with a RETURNING clause; how many there were.
    static Result<std::vector<std::int64_t>> remove_rows(Statement& statement);

    FindingTable* findings_;
    CounterTable* counters_;
    StatementPtr old_findings_, remove_recomputation_, release_;
    StatementPtr old_gaps_, remove_gap_, old_visibility_, remove_visibility_;
    StatementPtr oldest_change_, oldest_received_, unused_rules_, remove_rules_;
    StatementPtr last_agent_, last_stream_, remove_streams_, remove_agents_;
    StatementPtr remove_streams_of_, remove_heartbeat_;
};

} // namespace minewarden::collector::sql
