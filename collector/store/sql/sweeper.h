// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/retention.h"
#include "collector/store/sql/counter_table.h"
#include "collector/store/sql/finding_table.h"

#include <map>

namespace minewarden::collector::sql {

/// Deletes expired data, oldest first, in small batches. Within a transaction.
class Sweeper {
  public:
    /// The references outlive the sweeper.
    static Result<Sweeper> open(Connection& connection, FindingTable& findings,
                                CounterTable& counters);

    /// As UnitOfWork::remove_expired.
    Result<RetentionStep> step(const RetentionPolicy& policy, RetentionProgress& progress,
                               WallTime now);

  private:
    /// What to delete of one class.
    struct Target {
        DataClass data;
        std::optional<WallTime> before; ///< everything older
        std::uint64_t bytes = 0;        ///< and the oldest down to this size; 0: no limit
    };
    enum class Verdict { keep, remove, stop };

    Sweeper(FindingTable& findings, CounterTable& counters)
        : findings_(&findings), counters_(&counters) {}

    [[nodiscard]] bool is_too_large(const Target& target) const;
    /// For the next oldest row: its time, and `pinned` if it must be kept.
    [[nodiscard]] Verdict judge(const Target& target, WallTime time, bool pinned,
                                WallTime now) const;

    Result<bool> sweep_findings(const Target& target, std::int64_t& row, WallTime now);
    Result<bool> sweep_gaps(const Target& target, std::int64_t& row, WallTime now);
    Result<bool> sweep_visibility(const Target& target, std::int64_t& row, WallTime now);
    Result<bool> sweep_rule_sets(const Target& target);
    Result<bool> sweep_agents(const Target& target, std::int64_t& row);
    /// No stored finding uses rules that were last used before this.
    Result<std::int64_t> oldest_finding_ns();
    Result<void> release(const std::map<std::int64_t, std::int64_t>& streams);
    /// Runs a DELETE with a RETURNING clause. Returns the number of rows.
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
