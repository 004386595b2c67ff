// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/writer.h"

#include "collector/store/sql/cursor_row.h"

namespace minewarden::collector::sql {

Result<std::unique_ptr<Writer>> Writer::open(Driver& driver, const CollectorId& self) {
    TRY_ASSIGN(auto connection, driver.connect_to_write());
    std::unique_ptr<Writer> writer(new Writer(std::move(connection)));
    TRY(writer->prepare(driver, self));
    return writer;
}

Result<void> Writer::prepare(Driver& driver, const CollectorId& self) {
    TRY_ASSIGN(findings_, driver.open_finding_table(*connection_));
    TRY_ASSIGN(counters_, CounterTable::open(*connection_));
    TRY_ASSIGN(agents_, AgentBook::open(*connection_));
    TRY_ASSIGN(streams_, StreamBook::open(*connection_));
    TRY_ASSIGN(collectors_, CollectorTable::open(*connection_, self, driver.is_shared()));
    TRY_ASSIGN(visibility_, VisibilityWriter::open(*connection_, *counters_));
    TRY_ASSIGN(records_, RecordWriter::open(*connection_, *findings_, *counters_));
    TRY_ASSIGN(recomputations_, RecomputationTable::open(*connection_));
    TRY_ASSIGN(sweeper_, Sweeper::open(*connection_, *findings_, *counters_));
    return {};
}

void Writer::forget() {
    known_units_ = -1;
    agents_->forget();
    streams_->forget();
    collectors_->forget();
    records_->forget();
    findings_->forget();
}

Result<void> Writer::begin() {
    has_written_ = false;
    TRY(connection_->begin());
    TRY(counters_->load());
    if (known_units_ != counters_->units()) forget();
    return {};
}

Result<void> Writer::commit() {
    has_written_ = true;
    TRY(findings_->flush());
    TRY(counters_->save());
    TRY(connection_->commit());
    known_units_ = counters_->units();
    return {};
}

void Writer::roll_back() {
    connection_->roll_back();
    if (has_written_) forget();
}

Result<Outcome> Writer::take(std::span<const Arrival> arrivals, WallTime now) {
    has_written_ = true;
    // The clock may jump: rows give the order of commits, times are only shown.
    Outcome outcome;
    outcome.positions.reserve(arrivals.size());
    for (const Arrival& arrival : arrivals) {
        TRY_ASSIGN(const auto position,
                   std::visit([&](const auto& one) { return apply(one, now, outcome); }, arrival));
        outcome.positions.push_back(position);
    }
    TRY(agents_->flush(now));
    // Now, because the arrivals are still valid.
    TRY(findings_->flush());
    outcome.last_finding = CursorRow::cursor(counters_->last(Numbered::findings));
    return outcome;
}

Writer::Position Writer::apply(const Opening& opening, WallTime now, Outcome& outcome) {
    TRY_ASSIGN(const auto self, collectors_->self());
    TRY_ASSIGN(const KnownAgent* agent, agents_->greet(opening, self, now, *counters_));
    TRY_ASSIGN(KnownStream * stream, streams_->greet(opening, agent->row, now, *counters_));
    const std::uint64_t before = stream->sequence;
    TRY(records_->skip_to(*stream, opening.first_sequence, now, outcome));
    if (stream->sequence != before) {
        TRY(streams_->save(*stream, now));
    }
    return stream->sequence;
}

Writer::Position Writer::apply(const Delivery& delivery, WallTime now, Outcome& outcome) {
    TRY_ASSIGN(KnownStream * stream, streams_->find(delivery.stream));
    if (stream == nullptr) return std::uint64_t{0};
    const std::uint64_t before = stream->sequence;
    TRY(records_->store(*stream, delivery, now, outcome));
    agents_->saw(stream->agent);
    if (stream->sequence != before) {
        TRY(streams_->save(*stream, now));
    }
    return stream->sequence;
}

Writer::Position Writer::apply(const HeartbeatArrival& heartbeat, WallTime now, Outcome& outcome) {
    TRY_ASSIGN(KnownAgent * agent, agents_->find(heartbeat.agent));
    if (agent == nullptr) return std::uint64_t{0};
    TRY_ASSIGN(const auto self, collectors_->self());
    TRY(agents_->assign(*agent, self));
    agents_->saw(agent->row);
    if (heartbeat.rule_set) {
        TRY(records_->use(*heartbeat.rule_set, now));
    }
    TRY(visibility_->heard(*agent, heartbeat, now, outcome));
    return std::uint64_t{0};
}

Writer::Position Writer::apply(const AbsenceArrival& absence, WallTime now, Outcome& outcome) {
    TRY_ASSIGN(KnownAgent * agent, agents_->find(absence.agent));
    if (agent == nullptr) return std::uint64_t{0};
    TRY_ASSIGN(const auto self, collectors_->self());
    if (agent->collector != self) {
        outcome.moved.push_back(absence.agent);
        return std::uint64_t{0};
    }
    const std::uint64_t before = outcome.visibility;
    TRY(visibility_->absent(*agent, absence.reason, now, outcome));
    if (outcome.visibility != before && absence.reason == VisibilityReason::silent)
        outcome.silent.push_back(absence.agent);
    return std::uint64_t{0};
}

Writer::Position Writer::apply(const QuotaArrival& quota, WallTime now, Outcome& outcome) {
    TRY_ASSIGN(KnownAgent * agent, agents_->find(quota.agent));
    if (agent == nullptr) return std::uint64_t{0};
    TRY(visibility_->quota(*agent, quota.is_over, now, outcome));
    return std::uint64_t{0};
}

Writer::Position Writer::apply(const RevocationArrival& revocation, WallTime now,
                               Outcome& outcome) {
    TRY_ASSIGN(KnownAgent * agent, agents_->find(revocation.agent));
    if (agent == nullptr) return std::uint64_t{0};
    TRY(visibility_->revoked(*agent, now, outcome));
    return std::uint64_t{0};
}

Writer::Position Writer::apply(const WatchArrival& watch, WallTime, Outcome& outcome) {
    TRY_ASSIGN(outcome.watch, collectors_->watch(watch, *agents_));
    return std::uint64_t{0};
}

Result<void> Writer::put(std::span<const RecomputedFinding> recomputed) {
    return recomputations_->put(recomputed);
}

Result<bool> Writer::advance(std::string_view follower, std::optional<Cursor> from, Cursor to) {
    return recomputations_->advance(follower, from, to);
}

Result<RetentionStep> Writer::remove_expired(const RetentionPolicy& policy,
                                             RetentionProgress& progress, WallTime now) {
    const auto data = static_cast<DataClass>(progress.data);
    has_written_ = true; // until it is known better
    TRY_ASSIGN(const auto step, sweeper_->step(policy, progress, now));
    has_written_ = step.rows > 0 || step.bytes > 0;
    // Deleted rows must not stay in the cache.
    if (data == DataClass::rule_sets) records_->forget();
    if (data == DataClass::agents && step.bytes > 0) {
        agents_->forget();
        streams_->forget();
    }
    return step;
}

} // namespace minewarden::collector::sql
