// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/sweeper.h"

#include "collector/store/sql/content_bytes.h"
#include "collector/store/sql/rows.h"

#include <algorithm>

namespace minewarden::collector::sql {
namespace {

/// Rows of one batch: about ten milliseconds, so that commits of the intake are not delayed.
constexpr std::size_t batch_rows = 256;
/// Rows that a statement without a useful index scans in one batch.
constexpr std::int64_t scanned_rows = 2048;
/// Tolerance for the clocks of hosts: rules are kept this much longer.
constexpr std::int64_t clock_slack_ns = std::chrono::nanoseconds(std::chrono::hours(24)).count();

struct OldFinding {
    std::int64_t row;
    std::int64_t stream;
    FindingId id;
    WallTime changed_at;
    WallTime received_at;
    bool is_open;
    std::uint64_t bytes;
};

Result<OldFinding> read_old_finding(const Statement& row) {
    const auto id = FindingId::from(row.blob(2));
    if (!id) return fail(damaged("a finding cannot be read"));
    const bool is_open = row.integer(5) == 0 && row.integer(6) == wire::FINDING_STATE_OPEN;
    return OldFinding{row.integer(0),
                      row.integer(1),
                      *id,
                      {row.integer(3)},
                      {row.integer(4)},
                      is_open,
                      row_bytes + static_cast<std::uint64_t>(row.integer(7))};
}

/// A row of gaps or visibility. Only a closed one may be deleted.
struct OldRecord {
    std::int64_t row;
    std::int64_t stream;
    WallTime opened_at;
    std::optional<WallTime> ended_at;
    std::uint64_t bytes;
};

Result<OldRecord> read_old_record(const Statement& row) {
    const auto ended = row.is_null(3) ? std::nullopt : std::optional(WallTime{row.integer(3)});
    return OldRecord{row.integer(0),
                     row.integer(1),
                     {row.integer(2)},
                     ended,
                     text_bytes(row.text(4), row.text(5))};
}

struct OldRules {
    std::int64_t row;
    std::uint64_t bytes;
};

Result<OldRules> read_old_rules(const Statement& row) {
    return OldRules{row.integer(0), row_bytes + static_cast<std::uint64_t>(row.integer(1))};
}

} // namespace

Result<Sweeper> Sweeper::open(Connection& connection, FindingTable& findings,
                              CounterTable& counters) {
    Sweeper sweeper(findings, counters);
    TRY(prepare_all(
        connection,
        {{&sweeper.old_findings_,
          "SELECT f.row, f.stream, f.finding_id, f.changed_ns, f.received_ns, f.superseded, "
          "f.state, length(b.head) + length(b.record) FROM findings f "
          "JOIN finding_bytes b ON b.row = f.row WHERE f.row > ?1 ORDER BY f.row LIMIT ?2"},
         {&sweeper.remove_recomputation_, "DELETE FROM recomputations WHERE finding = ?1"},
         {&sweeper.release_, "UPDATE streams SET kept = kept - ?2 WHERE row = ?1"},
         {&sweeper.old_gaps_,
          "SELECT row, stream, received_ns, received_ns, place, detail FROM gaps "
          "WHERE row > ?1 ORDER BY row LIMIT ?2"},
         {&sweeper.remove_gap_, "DELETE FROM gaps WHERE row = ?1"},
         {&sweeper.old_visibility_, "SELECT row, agent, since_ns, until_ns, place, detail "
                                    "FROM visibility WHERE row > ?1 ORDER BY row LIMIT ?2"},
         {&sweeper.remove_visibility_, "DELETE FROM visibility WHERE row = ?1"},
         {&sweeper.oldest_change_, "SELECT min(changed_ns) FROM finding_changes"},
         {&sweeper.oldest_received_, "SELECT received_ns FROM findings ORDER BY row LIMIT 1"},
         {&sweeper.unused_rules_,
          "SELECT r.row, length(r.bytes) FROM rule_sets r WHERE r.used_ns < ?1 AND NOT EXISTS "
          "(SELECT 1 FROM heartbeats h WHERE h.rule_set = r.digest) ORDER BY r.used_ns LIMIT ?2"},
         {&sweeper.remove_rules_, "DELETE FROM rule_sets WHERE row = ?1"},
         {&sweeper.last_agent_, "SELECT max(row) FROM agents"},
         {&sweeper.last_stream_, "SELECT max(row) FROM streams"},
         // The newest stream of an agent is kept: the agent may continue it.
         {&sweeper.remove_streams_,
          "DELETE FROM streams WHERE row > ?1 AND row <= ?2 AND kept = 0 AND moved_ns < ?3 "
          "AND row < (SELECT max(n.row) FROM streams n WHERE n.agent = streams.agent) "
          "RETURNING row"},
         {&sweeper.remove_agents_,
          "DELETE FROM agents WHERE row > ?1 AND row <= ?2 AND last_seen_ns < ?3 AND NOT EXISTS "
          "(SELECT 1 FROM streams s WHERE s.agent = agents.row AND s.kept > 0) AND NOT EXISTS "
          "(SELECT 1 FROM visibility v WHERE v.agent = agents.row) RETURNING row"},
         {&sweeper.remove_streams_of_, "DELETE FROM streams WHERE agent = ?1 RETURNING row"},
         {&sweeper.remove_heartbeat_, "DELETE FROM heartbeats WHERE agent = ?1"}}));
    return sweeper;
}

Result<RetentionStep> Sweeper::step(const RetentionPolicy& policy, RetentionProgress& progress,
                                    WallTime now) {
    const auto data = static_cast<DataClass>(progress.data);
    const ClassLimit& limit = policy.of(data);
    const Target target{data,
                        limit.age.count() > 0 ? std::optional(WallTime{now.ns - limit.age.count()})
                                              : std::nullopt,
                        limit.bytes};
    const std::uint64_t rows = counters_->count(data, ClassCount::deleted_rows);
    const std::uint64_t bytes = counters_->count(data, ClassCount::deleted_bytes);
    const auto sweep = [&]() -> Result<bool> {
        switch (data) {
        case DataClass::findings:
            return sweep_findings(target, progress.row, now);
        case DataClass::gaps:
            return sweep_gaps(target, progress.row, now);
        case DataClass::visibility:
            return sweep_visibility(target, progress.row, now);
        case DataClass::rule_sets:
            return sweep_rule_sets(target);
        case DataClass::agents:
            return sweep_agents(target, progress.row);
        }
        return true;
    };
    TRY_ASSIGN(const auto class_is_done, sweep());
    if (class_is_done) progress = {progress.data + 1, 0};
    return RetentionStep{counters_->count(data, ClassCount::deleted_rows) - rows,
                         counters_->count(data, ClassCount::deleted_bytes) - bytes,
                         progress.data == data_classes};
}

bool Sweeper::is_too_large(const Target& target) const {
    return target.bytes > 0 && counters_->count(target.data, ClassCount::bytes) > target.bytes;
}

Sweeper::Verdict Sweeper::judge(const Target& target, WallTime time, bool pinned,
                                WallTime now) const {
    if (is_too_large(target)) return pinned ? Verdict::keep : Verdict::remove;
    const bool is_old = target.before && time < *target.before;
    if (is_old) return pinned ? Verdict::keep : Verdict::remove;
    // A time in the future was written while the clock was wrong: it does not apply to later rows.
    return target.before && time > now ? Verdict::keep : Verdict::stop;
}

Result<bool> Sweeper::sweep_findings(const Target& target, std::int64_t& row, WallTime now) {
    TRY_ASSIGN(const auto oldest, read_all(old_findings_->bind(row, batch_rows), read_old_finding));
    std::map<std::int64_t, std::int64_t> streams;
    bool is_done = oldest.size() < batch_rows;
    for (const OldFinding& one : oldest) {
        const Verdict verdict = judge(target, one.received_at, one.is_open, now);
        is_done = is_done || verdict == Verdict::stop;
        if (verdict == Verdict::stop) break;
        row = one.row;
        if (verdict == Verdict::keep) continue;
        TRY(remove_recomputation_->bind(one.row).run());
        TRY(findings_->remove(one.row, one.id, one.changed_at));
        counters_->remove(target.data, 1, one.bytes);
        ++streams[one.stream];
    }
    TRY(release(streams));
    return is_done;
}

Result<bool> Sweeper::sweep_gaps(const Target& target, std::int64_t& row, WallTime now) {
    TRY_ASSIGN(const auto oldest, read_all(old_gaps_->bind(row, batch_rows), read_old_record));
    std::map<std::int64_t, std::int64_t> streams;
    bool is_done = oldest.size() < batch_rows;
    for (const OldRecord& one : oldest) {
        const Verdict verdict = judge(target, one.opened_at, false, now);
        is_done = is_done || verdict == Verdict::stop;
        if (verdict == Verdict::stop) break;
        row = one.row;
        if (verdict == Verdict::keep) continue;
        TRY(remove_gap_->bind(one.row).run());
        counters_->remove(target.data, 1, one.bytes);
        ++streams[one.stream];
    }
    TRY(release(streams));
    return is_done;
}

Result<bool> Sweeper::sweep_visibility(const Target& target, std::int64_t& row, WallTime now) {
    TRY_ASSIGN(const auto oldest,
               read_all(old_visibility_->bind(row, batch_rows), read_old_record));
    bool is_done = oldest.size() < batch_rows;
    for (const OldRecord& one : oldest) {
        // A record that opened early may have closed late, so look at the others too.
        const Verdict verdict = judge(target, one.opened_at, !one.ended_at, now);
        is_done = is_done || verdict == Verdict::stop;
        if (verdict == Verdict::stop) break;
        row = one.row;
        const bool ended_late = target.before && one.ended_at && *one.ended_at >= *target.before;
        if (verdict == Verdict::keep || (ended_late && !is_too_large(target))) continue;
        TRY(remove_visibility_->bind(one.row).run());
        counters_->remove(target.data, 1, one.bytes);
    }
    return is_done;
}

Result<bool> Sweeper::sweep_rule_sets(const Target& target) {
    TRY_ASSIGN(const auto oldest_finding, oldest_finding_ns());
    std::int64_t before = INT64_MIN;
    if (target.before)
        before =
            std::min(target.before->ns, oldest_finding - std::min(oldest_finding, clock_slack_ns));
    if (is_too_large(target)) before = INT64_MAX;
    TRY_ASSIGN(const auto unused,
               read_all(unused_rules_->bind(before, batch_rows), read_old_rules));
    for (const OldRules& one : unused) {
        if (before == INT64_MAX && !is_too_large(target)) return false; // continue by age
        TRY(remove_rules_->bind(one.row).run());
        counters_->remove(target.data, 1, one.bytes);
    }
    return unused.size() < batch_rows;
}

Result<std::int64_t> Sweeper::oldest_finding_ns() {
    TRY_ASSIGN(const auto changed, read_number(*oldest_change_));
    TRY_ASSIGN(const auto received, read_number(*oldest_received_));
    return std::min(changed.value_or(INT64_MAX), received.value_or(INT64_MAX));
}

Result<bool> Sweeper::sweep_agents(const Target& target, std::int64_t& row) {
    if (!target.before) return true;
    TRY_ASSIGN(const auto last_agent, read_number(*last_agent_));
    TRY_ASSIGN(const auto last_stream, read_number(*last_stream_));
    const std::int64_t end = row + scanned_rows;
    TRY_ASSIGN(const auto streams, remove_rows(remove_streams_->bind(row, end, target.before->ns)));
    TRY_ASSIGN(const auto agents, remove_rows(remove_agents_->bind(row, end, target.before->ns)));
    counters_->remove(target.data, 0, streams.size() * stream_bytes);
    for (const std::int64_t agent : agents) {
        TRY_ASSIGN(const auto own, remove_rows(remove_streams_of_->bind(agent)));
        TRY(remove_heartbeat_->bind(agent).run());
        counters_->remove(target.data, 1, agent_bytes + own.size() * stream_bytes);
    }
    row = end;
    return end >= std::max(last_agent.value_or(0), last_stream.value_or(0));
}

Result<void> Sweeper::release(const std::map<std::int64_t, std::int64_t>& streams) {
    for (const auto& [stream, rows] : streams) {
        TRY(release_->bind(stream, rows).run());
    }
    return {};
}

Result<std::vector<std::int64_t>> Sweeper::remove_rows(Statement& statement) {
    return read_all<std::int64_t>(
        statement, +[](const Statement& row) -> Result<std::int64_t> { return row.integer(0); });
}

} // namespace minewarden::collector::sql
