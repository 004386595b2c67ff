// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/writer.h"

#include "collector/store/sqlite/recomputations.h"
#include "collector/store/sqlite/statements.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::collector::sqlite {

Result<std::unique_ptr<Writer>> Writer::open(Connection connection) {
    std::unique_ptr<Writer> writer(new Writer(std::move(connection)));
    TRY(writer->prepare());
    TRY(writer->recall());
    return writer;
}

Result<void> Writer::prepare() {
    return prepare_all(
        connection_,
        {{&sql_.put_agent,
          "INSERT INTO agents (key, name, host_name, version, first_seen_ns, last_seen_ns) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (key) DO UPDATE SET name = excluded.name, "
          "host_name = excluded.host_name, version = excluded.version RETURNING row"},
         {&sql_.find_agent, "SELECT row FROM agents WHERE key = ?1"},
         {&sql_.saw_agent, "UPDATE agents SET last_seen_ns = ?2 WHERE row = ?1"},
         {&sql_.put_stream, "INSERT INTO streams (agent, id, boot_id, opened_ns, sequence) "
                            "VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (agent, id) DO UPDATE SET "
                            "boot_id = excluded.boot_id RETURNING row"},
         {&sql_.find_stream, "SELECT s.row, s.agent, s.sequence FROM streams s "
                             "JOIN agents a ON a.row = s.agent WHERE a.key = ?1 AND s.id = ?2"},
         {&sql_.count_streams, "SELECT count(*) FROM streams WHERE agent = ?1 AND row < ?2"},
         {&sql_.move_stream, "UPDATE streams SET sequence = ?2 WHERE row = ?1"},
         {&sql_.put_finding,
          "INSERT INTO findings (row, stream, sequence, finding_id, version, state, certainty, "
          "activity, opened_ns, changed_ns, received_ns) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
         {&sql_.put_bytes, "INSERT INTO finding_bytes (row, bytes) VALUES (?1, ?2)"},
         {&sql_.supersede, "UPDATE findings SET superseded = 1 WHERE row = ?1"},
         {&sql_.put_rule_set, "INSERT INTO rule_sets (digest, received_ns, bytes) "
                              "VALUES (?1, ?2, ?3) ON CONFLICT (digest) DO NOTHING"},
         {&sql_.put_gap,
          "INSERT INTO gaps (stream, place, lost, first_sequence, last_sequence, from_ns, "
          "until_ns, received_ns, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"},
         {&sql_.put_heartbeat,
          "INSERT INTO heartbeats (agent, received_ns, bytes) VALUES (?1, ?2, ?3) "
          "ON CONFLICT (agent) DO UPDATE SET received_ns = excluded.received_ns, "
          "bytes = excluded.bytes"},
         // Since it was last heard, as far as the store knows, or since a given time.
         {&sql_.open_absence,
          "INSERT INTO visibility (agent, reason, place, since_ns, detail) "
          "SELECT row, ?2, '', coalesce(?3, last_seen_ns), '' FROM agents WHERE row = ?1 "
          "ON CONFLICT DO NOTHING"},
         {&sql_.end_absence, "UPDATE visibility SET until_ns = ?2, ended_by = ?3 WHERE agent = ?1 "
                             "AND until_ns IS NULL AND reason IN ('silent', 'stopped')"},
         {&sql_.end_all, "UPDATE visibility SET until_ns = ?2, ended_by = ?3 WHERE agent = ?1 "
                         "AND until_ns IS NULL"},
         {&sql_.open_problem, "INSERT INTO visibility (agent, reason, place, since_ns, detail) "
                              "VALUES (?1, 'sensor-degraded', ?2, ?3, ?4) ON CONFLICT DO NOTHING"},
         {&sql_.open_problems,
          "SELECT place, detail FROM visibility WHERE agent = ?1 "
          "AND until_ns IS NULL AND reason = 'sensor-degraded' ORDER BY place"},
         {&sql_.end_problem,
          "UPDATE visibility SET until_ns = ?3, ended_by = ?4 WHERE agent = ?1 AND place = ?2 "
          "AND until_ns IS NULL AND reason = 'sensor-degraded'"}});
}

void Writer::forget() {
    is_recalled_ = false;
    index_.reset();
    streams_.clear();
    agents_seen_.clear();
    problems_.clear();
}

Result<void> Writer::recall() {
    TRY_ASSIGN(auto index, FindingIndex::open(connection_));
    index_.emplace(std::move(index));
    TRY_ASSIGN(const auto row, connection_.number("SELECT max(row) FROM findings"));
    last_row_ = row;
    is_recalled_ = true;
    return {};
}

Result<Outcome> Writer::commit(std::span<const Arrival> arrivals, WallTime now) {
    if (!is_recalled_) {
        TRY(recall());
    }
    // The clock may step, either way: rows give the order of commits, times are only shown.
    auto outcome = apply_all(arrivals, now);
    if (!outcome) forget();
    return outcome;
}

Result<void> Writer::put(std::span<const RecomputedFinding> recomputed) {
    return put_recomputations(connection_, recomputed);
}

Result<Outcome> Writer::apply_all(std::span<const Arrival> arrivals, WallTime now) {
    TRY_ASSIGN(auto transaction, Transaction::begin(connection_));
    Outcome outcome;
    outcome.positions.reserve(arrivals.size());
    for (const Arrival& arrival : arrivals) {
        TRY_ASSIGN(const auto position,
                   std::visit([&](const auto& one) { return apply(one, now, outcome); }, arrival));
        outcome.positions.push_back(position);
    }
    for (const std::int64_t agent : agents_seen_) {
        TRY(sql_.saw_agent.bind(agent, now.ns).run());
    }
    agents_seen_.clear();
    TRY(index_->move_if_due());
    TRY(transaction.commit());
    outcome.last_finding = static_cast<Cursor>(last_row_);
    return outcome;
}

Result<std::uint64_t> Writer::apply(const Opening& opening, WallTime now, Outcome&) {
    auto& put_agent = sql_.put_agent.bind(opening.stream.agent, opening.agent_name,
                                          opening.host_name, opening.agent_version, now.ns);
    TRY(put_agent.step());
    const std::int64_t agent = put_agent.integer(0);
    put_agent.reset();
    auto& put_stream = sql_.put_stream.bind(agent, opening.stream.stream, opening.boot_id, now.ns);
    TRY(put_stream.run());
    agents_seen_.insert(agent);
    TRY_ASSIGN(const Stream* stream, find_stream(opening.stream));
    return stream->sequence;
}

Result<std::uint64_t> Writer::apply(const Delivery& delivery, WallTime now, Outcome& outcome) {
    TRY_ASSIGN(const auto found, find_stream(delivery.stream));
    if (found == nullptr) return std::uint64_t{0};
    Stream& stream = *found;
    const std::uint64_t before = stream.sequence;
    for (const Record& record : delivery.records) {
        if (record.sequence <= stream.sequence) {
            ++outcome.duplicates;
            continue;
        }
        if (record.sequence != stream.sequence + 1) {
            TRY(store_jump(stream, record.sequence, now));
            ++outcome.gaps;
        }
        TRY(store(stream, record, now, outcome));
        stream.sequence = record.sequence;
    }
    agents_seen_.insert(stream.agent);
    if (stream.sequence != before) {
        TRY(sql_.move_stream.bind(stream.row, stream.sequence).run());
    }
    return stream.sequence;
}

Result<std::uint64_t> Writer::apply(const HeartbeatArrival& heartbeat, WallTime now,
                                    Outcome& outcome) {
    TRY_ASSIGN(const auto agent, find_agent(heartbeat.agent));
    if (!agent) return std::uint64_t{0};
    agents_seen_.insert(*agent);
    TRY(sql_.put_heartbeat.bind(*agent, now.ns, heartbeat.bytes).run());
    TRY(note_problems(*agent, heartbeat.problems, now, outcome));
    return std::uint64_t{0};
}

Result<std::uint64_t> Writer::apply(const AbsenceArrival& absence, WallTime now, Outcome& outcome) {
    TRY_ASSIGN(const auto agent, find_agent(absence.agent));
    if (!agent) return std::uint64_t{0};
    const bool is_known = absence.reason == VisibilityReason::stopped;
    const auto since = is_known ? std::optional(now.ns) : std::nullopt;
    auto& open = sql_.open_absence.bind(*agent, to_string(absence.reason), since);
    TRY(open.run());
    ++outcome.visibility;
    return std::uint64_t{0};
}

Result<std::uint64_t> Writer::apply(const AbsenceEndArrival& end, WallTime now, Outcome& outcome) {
    TRY_ASSIGN(const auto agent, find_agent(end.agent));
    if (!agent) return std::uint64_t{0};
    const bool is_revoked = end.end == VisibilityEnd::revoked;
    Statement& update = is_revoked ? sql_.end_all : sql_.end_absence;
    if (is_revoked) problems_.erase(*agent);
    TRY(update.bind(*agent, now.ns, to_string(end.end)).run());
    ++outcome.visibility;
    return std::uint64_t{0};
}

Result<void> Writer::note_problems(std::int64_t agent, const std::vector<SensorProblem>& problems,
                                   WallTime now, Outcome& outcome) {
    auto known = problems_.find(agent);
    if (known == problems_.end()) {
        std::vector<SensorProblem> open;
        auto& query = sql_.open_problems.bind(agent);
        for (;;) {
            TRY_ASSIGN(const auto row, query.step());
            if (!row) break;
            open.push_back({std::string(query.text(0)), std::string(query.text(1))});
        }
        query.reset();
        known = problems_.emplace(agent, std::move(open)).first;
    }
    if (known->second == problems) return {};
    // One that says something else is another: it ends and begins anew.
    for (const SensorProblem& old : known->second) {
        if (std::ranges::binary_search(problems, old)) continue;
        auto& end =
            sql_.end_problem.bind(agent, old.sensor, now.ns, to_string(VisibilityEnd::recovered));
        TRY(end.run());
        ++outcome.visibility;
    }
    for (const SensorProblem& fresh : problems) {
        if (std::ranges::binary_search(known->second, fresh)) continue;
        auto& open = sql_.open_problem.bind(agent, fresh.sensor, now.ns, fresh.problem);
        TRY(open.run());
        ++outcome.visibility;
    }
    known->second = problems;
    return {};
}

Result<Writer::Stream*> Writer::find_stream(const StreamKey& key) {
    if (const auto known = streams_.find(key); known != streams_.end()) return &known->second;
    auto& find = sql_.find_stream.bind(key.agent, key.stream);
    TRY_ASSIGN(const auto row, find.step());
    if (!row) return nullptr;
    Stream stream{find.integer(0), find.integer(1), false,
                  static_cast<std::uint64_t>(find.integer(2))};
    find.reset();
    auto& count = sql_.count_streams.bind(stream.agent, stream.row);
    TRY(count.step());
    stream.first_of_agent = count.integer(0) == 0;
    count.reset();
    return &streams_.emplace(key, stream).first->second;
}

Result<std::optional<std::int64_t>> Writer::find_agent(const CurvePublicKey& key) {
    TRY_ASSIGN(const auto row, sql_.find_agent.bind(key).step());
    const auto found = row ? std::optional(sql_.find_agent.integer(0)) : std::nullopt;
    sql_.find_agent.reset();
    return found;
}

Result<void> Writer::store(const Stream& stream, const Record& record, WallTime now,
                           Outcome& outcome) {
    if (const auto* finding = std::get_if<FindingArrival>(&record.body)) {
        ++outcome.findings;
        return store_finding(stream, record.sequence, *finding, now);
    }
    if (const auto* rules = std::get_if<RuleSetArrival>(&record.body)) {
        ++outcome.rule_sets;
        return sql_.put_rule_set.bind(rules->digest, now.ns, rules->bytes).run();
    }
    ++outcome.gaps;
    if (const auto* gap = std::get_if<GapArrival>(&record.body))
        return store_gap(stream, *gap, now);
    ++outcome.rejected;
    return store_gap(stream,
                     {"intake", 1, now, now,
                      fmt::format("record {}: {}", record.sequence,
                                  std::get<RejectedRecord>(record.body).reason)},
                     now);
}

Result<void> Writer::store_finding(const Stream& stream, std::uint64_t sequence,
                                   const FindingArrival& finding, WallTime now) {
    const std::int64_t row = ++last_row_;
    TRY(supersede(stream, finding, row));
    auto& put = sql_.put_finding.bind(row, stream.row, sequence, finding.id, finding.version,
                                      static_cast<int>(finding.state),
                                      static_cast<int>(finding.certainty), finding.activity,
                                      finding.opened_at.ns, finding.changed_at.ns, now.ns);
    TRY(put.run());
    return sql_.put_bytes.bind(row, finding.bytes).run();
}

Result<void> Writer::supersede(const Stream& stream, const FindingArrival& finding,
                               std::int64_t row) {
    auto before = index_->add(stream.agent, finding.id, row);
    // A first version has nothing before it unless the agent lost its state, and then it also has
    // more than one stream.
    if (!before && (finding.version > 1 || !stream.first_of_agent)) {
        TRY_ASSIGN(const auto indexed, index_->find_indexed(stream.agent, finding.id));
        before = indexed;
    }
    return before ? sql_.supersede.bind(*before).run() : Result<void>();
}

Result<void> Writer::store_jump(const Stream& stream, std::uint64_t next, WallTime now) {
    const std::uint64_t first = stream.sequence + 1;
    return sql_.put_gap
        .bind(stream.row, "stream", next - first, first, next - 1, now.ns, now.ns, now.ns, "")
        .run();
}

Result<void> Writer::store_gap(const Stream& stream, const GapArrival& gap, WallTime now) {
    const auto lost = std::min<std::uint64_t>(gap.lost, INT64_MAX);
    return sql_.put_gap
        .bind(stream.row, gap.place, lost, std::nullopt, std::nullopt, gap.from.ns, gap.until.ns,
              now.ns, gap.detail)
        .run();
}

} // namespace minewarden::collector::sqlite
