// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/visibility_writer.h"

#include "collector/store/sql/content_bytes.h"

#include <algorithm>

namespace minewarden::collector::sql {

Result<VisibilityWriter> VisibilityWriter::open(Connection& connection, CounterTable& counters) {
    VisibilityWriter writer(counters);
    TRY(prepare_all(
        connection,
        {{&writer.put_heartbeat_,
          "INSERT INTO heartbeats (agent, received_ns, rule_set, bytes) VALUES (?1, ?2, ?3, ?4) "
          "ON CONFLICT (agent) DO UPDATE SET received_ns = excluded.received_ns, "
          "rule_set = excluded.rule_set, bytes = excluded.bytes"},
         {&writer.find_open_, "SELECT reason, place, detail FROM visibility WHERE agent = ?1 "
                              "AND until_ns IS NULL ORDER BY place"},
         // Since its last contact in the store, or since a given time.
         {&writer.open_absence_,
          "INSERT INTO visibility (row, agent, reason, place, since_ns, detail) "
          "SELECT CAST(?1 AS BIGINT), row, CAST(?3 AS TEXT), '', "
          "coalesce(CAST(?4 AS BIGINT), last_seen_ns), '' FROM agents WHERE row = ?2"},
         {&writer.end_absence_,
          "UPDATE visibility SET until_ns = ?2, ended_by = ?3 WHERE agent = ?1 "
          "AND until_ns IS NULL AND reason IN ('silent', 'stopped')"},
         {&writer.open_quota_,
          "INSERT INTO visibility (row, agent, reason, place, since_ns, detail) "
          "VALUES (?1, ?2, 'over-quota', '', ?3, '')"},
         {&writer.end_quota_, "UPDATE visibility SET until_ns = ?2, ended_by = ?3 WHERE agent = ?1 "
                              "AND until_ns IS NULL AND reason = 'over-quota'"},
         {&writer.end_all_, "UPDATE visibility SET until_ns = ?2, ended_by = ?3 WHERE agent = ?1 "
                            "AND until_ns IS NULL"},
         {&writer.open_problem_,
          "INSERT INTO visibility (row, agent, reason, place, since_ns, detail) "
          "VALUES (?1, ?2, 'capability-degraded', ?3, ?4, ?5)"},
         {&writer.end_problem_,
          "UPDATE visibility SET until_ns = ?3, ended_by = ?4 WHERE agent = ?1 AND place = ?2 "
          "AND until_ns IS NULL AND reason = 'capability-degraded'"}}));
    return writer;
}

Result<OpenRecords*> VisibilityWriter::open_records(KnownAgent& agent) {
    if (agent.open_records) return &*agent.open_records;
    OpenRecords found;
    find_open_->bind(agent.row);
    for (;;) {
        TRY_ASSIGN(const auto is_row, find_open_->step());
        if (!is_row) break;
        if (find_open_->text(0) == to_string(VisibilityReason::capability_degraded))
            found.problems.push_back(
                {std::string(find_open_->text(1)), std::string(find_open_->text(2))});
        else if (find_open_->text(0) == to_string(VisibilityReason::over_quota))
            found.is_over_quota = true;
        else
            found.is_absent = true;
    }
    // The database may sort text differently.
    std::ranges::sort(found.problems);
    return &agent.open_records.emplace(std::move(found));
}

Result<void> VisibilityWriter::heard(KnownAgent& agent, const HeartbeatArrival& heartbeat,
                                     WallTime now, Outcome& outcome) {
    TRY(put_heartbeat_->bind(agent.row, now.ns, heartbeat.rule_set, heartbeat.bytes).run());
    TRY_ASSIGN(OpenRecords * records, open_records(agent));
    if (records->is_absent) {
        TRY(end_absence_->bind(agent.row, now.ns, to_string(VisibilityEnd::heard)).run());
        records->is_absent = false;
        ++outcome.visibility;
    }
    return note_problems(agent, heartbeat.problems, now, outcome);
}

Result<void> VisibilityWriter::absent(KnownAgent& agent, VisibilityReason reason, WallTime now,
                                      Outcome& outcome) {
    TRY_ASSIGN(OpenRecords * records, open_records(agent));
    if (records->is_absent) return {};
    const bool is_known = reason == VisibilityReason::stopped;
    const auto since = is_known ? std::optional(now.ns) : std::nullopt;
    open_absence_->bind(counters_->next(Numbered::visibility), agent.row, to_string(reason), since);
    TRY(open_absence_->run());
    counters_->add(DataClass::visibility, 1, row_bytes);
    records->is_absent = true;
    ++outcome.visibility;
    return {};
}

Result<void> VisibilityWriter::quota(KnownAgent& agent, bool is_over, WallTime now,
                                     Outcome& outcome) {
    TRY_ASSIGN(OpenRecords * records, open_records(agent));
    if (records->is_over_quota == is_over) return {};
    records->is_over_quota = is_over;
    ++outcome.visibility;
    if (!is_over)
        return end_quota_->bind(agent.row, now.ns, to_string(VisibilityEnd::recovered)).run();
    counters_->add(DataClass::visibility, 1, row_bytes);
    return open_quota_->bind(counters_->next(Numbered::visibility), agent.row, now.ns).run();
}

Result<void> VisibilityWriter::revoked(KnownAgent& agent, WallTime now, Outcome& outcome) {
    TRY(end_all_->bind(agent.row, now.ns, to_string(VisibilityEnd::revoked)).run());
    agent.open_records = OpenRecords{};
    ++outcome.visibility;
    return {};
}

Result<void> VisibilityWriter::note_problems(KnownAgent& agent,
                                             const std::vector<CapabilityProblem>& problems,
                                             WallTime now, Outcome& outcome) {
    std::vector<CapabilityProblem>& known = agent.open_records->problems;
    if (known == problems) return {};
    // Another text is another problem: ends the record and opens a new one.
    for (const CapabilityProblem& old : known) {
        if (std::ranges::binary_search(problems, old)) continue;
        end_problem_->bind(agent.row, old.capability, now.ns, to_string(VisibilityEnd::recovered));
        TRY(end_problem_->run());
        ++outcome.visibility;
    }
    for (const CapabilityProblem& fresh : problems) {
        if (std::ranges::binary_search(known, fresh)) continue;
        open_problem_->bind(counters_->next(Numbered::visibility), agent.row, fresh.capability,
                            now.ns, fresh.problem);
        TRY(open_problem_->run());
        counters_->add(DataClass::visibility, 1, text_bytes(fresh.capability, fresh.problem));
        ++outcome.visibility;
    }
    known = problems;
    return {};
}

} // namespace minewarden::collector::sql
