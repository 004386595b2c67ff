// SPDX-License-Identifier: Apache-2.0
#include "collector/channel/turn_encoding.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::collector {
namespace {

/// Bounds of what the intake has checked (finding_checks.cpp); larger values are none of its.
constexpr std::size_t longest_word = 4096;
constexpr std::size_t most_problems = 64;

template <class Id>
std::string bytes_of(const Id& id) {
    return std::string(as_text(id.view()));
}

Failure<Error> invalid(std::string_view field) {
    return fail(ErrorKind::data, fmt::format("the intake process sent an invalid {}", field));
}

template <class Id>
Result<Id> read_id(const std::string& bytes, std::string_view field) {
    const auto id = Id::from(as_bytes(bytes));
    if (!id) return invalid(field);
    return *id;
}

Result<CurvePublicKey> read_agent(const std::string& bytes) {
    return read_id<CurvePublicKey>(bytes, "agent key");
}

Result<void> check_word(const std::string& text, std::string_view field) {
    if (text.size() > longest_word) return invalid(field);
    return {};
}

/// SQLite and PostgreSQL only have signed integers.
bool is_signed(std::uint64_t number) {
    return number <= INT64_MAX;
}

// --- encoding

void encode(const Opening& arrival, channel::Arrival& out) {
    channel::Opening& to = *out.mutable_opening();
    to.set_agent(bytes_of(arrival.stream.agent));
    to.set_stream(bytes_of(arrival.stream.stream));
    to.set_boot_id(bytes_of(arrival.boot_id));
    to.set_host_name(arrival.host_name);
    to.set_agent_version(arrival.agent_version);
    to.set_first_sequence(arrival.first_sequence);
}

void encode(const RejectedRecord& body, channel::Record& out) {
    out.set_rejected(std::string(body.reason));
}

void encode(const FindingArrival& body, channel::Record& out) {
    channel::Finding& to = *out.mutable_finding();
    to.set_id(bytes_of(body.id));
    to.set_version(body.version);
    to.set_state(body.state);
    to.set_certainty(body.certainty);
    to.set_activity(body.activity);
    to.set_changed_ns(body.changed_at.ns);
    to.set_head(body.head);
    to.set_record(body.record.data(), body.record.size());
}

void encode(const RuleSetArrival& body, channel::Record& out) {
    channel::RuleSet& to = *out.mutable_rule_set();
    to.set_digest(bytes_of(body.digest));
    to.set_content(body.bytes.data(), body.bytes.size());
}

void encode(const GapArrival& body, channel::Record& out) {
    channel::Gap& to = *out.mutable_gap();
    to.set_place(body.place);
    to.set_lost(body.lost);
    to.set_from_ns(body.from.ns);
    to.set_until_ns(body.until.ns);
    to.set_detail(body.detail);
}

void encode(const Delivery& arrival, channel::Arrival& out) {
    channel::Delivery& to = *out.mutable_delivery();
    to.set_agent(bytes_of(arrival.stream.agent));
    to.set_stream(bytes_of(arrival.stream.stream));
    for (const Record& record : arrival.records) {
        channel::Record& one = *to.add_records();
        one.set_sequence(record.sequence);
        std::visit([&](const auto& body) { encode(body, one); }, record.body);
    }
}

void encode(const HeartbeatArrival& arrival, channel::Arrival& out) {
    channel::Heartbeat& to = *out.mutable_heartbeat();
    to.set_agent(bytes_of(arrival.agent));
    to.set_content(arrival.bytes.data(), arrival.bytes.size());
    if (arrival.rule_set) to.set_rule_set(bytes_of(*arrival.rule_set));
    for (const CapabilityProblem& problem : arrival.problems) {
        channel::Problem& one = *to.add_problems();
        one.set_capability(problem.capability);
        one.set_problem(problem.problem);
    }
}

void encode(const AbsenceArrival& arrival, channel::Arrival& out) {
    out.mutable_absence()->set_agent(bytes_of(arrival.agent));
    out.mutable_absence()->set_is_silent(arrival.reason == VisibilityReason::silent);
}

void encode(const QuotaArrival& arrival, channel::Arrival& out) {
    out.mutable_quota()->set_agent(bytes_of(arrival.agent));
    out.mutable_quota()->set_is_over(arrival.is_over);
}

void encode(const RevocationArrival& arrival, channel::Arrival& out) {
    out.set_revoked_agent(bytes_of(arrival.agent));
}

void encode(const WatchArrival& arrival, channel::Arrival& out) {
    out.mutable_watch()->set_is_first(arrival.is_first);
    for (const CollectorId& gone : arrival.gone) out.mutable_watch()->add_gone(bytes_of(gone));
}

// --- decoding

Result<StreamKey> read_stream(const std::string& agent, const std::string& stream) {
    StreamKey key;
    TRY_ASSIGN(key.agent, read_agent(agent));
    TRY_ASSIGN(key.stream, read_id<StreamId>(stream, "stream"));
    return key;
}

Result<Arrival> decode(const channel::Opening& from) {
    TRY_ASSIGN(const auto stream, read_stream(from.agent(), from.stream()));
    TRY_ASSIGN(const auto boot, read_id<BootId>(from.boot_id(), "boot id"));
    TRY(check_word(from.host_name(), "host name"));
    TRY(check_word(from.agent_version(), "agent version"));
    if (!is_signed(from.first_sequence())) return invalid("sequence");
    return Arrival(
        Opening{stream, boot, "", from.host_name(), from.agent_version(), from.first_sequence()});
}

Result<decltype(Record::body)> decode(const channel::Finding& from) {
    TRY_ASSIGN(const auto id, read_id<FindingId>(from.id(), "finding id"));
    TRY(check_word(from.activity(), "activity"));
    if (!wire::FindingState_IsValid(from.state())) return invalid("state of a finding");
    if (!wire::Certainty_IsValid(from.certainty())) return invalid("certainty");
    return decltype(Record::body)(FindingArrival{id,
                                                 from.version(),
                                                 static_cast<wire::FindingState>(from.state()),
                                                 static_cast<wire::Certainty>(from.certainty()),
                                                 from.activity(),
                                                 {from.changed_ns()},
                                                 from.head(),
                                                 as_bytes(from.record())});
}

Result<decltype(Record::body)> decode(const channel::Gap& from) {
    TRY(check_word(from.place(), "place of a gap"));
    TRY(check_word(from.detail(), "detail of a gap"));
    if (!is_signed(from.lost())) return invalid("number of lost records");
    return decltype(Record::body)(
        GapArrival{from.place(), from.lost(), {from.from_ns()}, {from.until_ns()}, from.detail()});
}

Result<decltype(Record::body)> decode_body(const channel::Record& from) {
    switch (from.body_case()) {
    case channel::Record::kRejected:
        TRY(check_word(from.rejected(), "reason"));
        return decltype(Record::body)(RejectedRecord{from.rejected()});
    case channel::Record::kFinding:
        return decode(from.finding());
    case channel::Record::kRuleSet: {
        TRY_ASSIGN(const auto digest, read_id<Digest>(from.rule_set().digest(), "digest"));
        return decltype(Record::body)(RuleSetArrival{digest, as_bytes(from.rule_set().content())});
    }
    case channel::Record::kGap:
        return decode(from.gap());
    case channel::Record::BODY_NOT_SET:
        break;
    }
    return invalid("record");
}

Result<Arrival> decode(const channel::Delivery& from) {
    Delivery delivery;
    TRY_ASSIGN(delivery.stream, read_stream(from.agent(), from.stream()));
    delivery.records.reserve(static_cast<std::size_t>(from.records_size()));
    for (const channel::Record& record : from.records()) {
        if (record.sequence() == 0 || !is_signed(record.sequence())) return invalid("sequence");
        TRY_ASSIGN(auto body, decode_body(record));
        delivery.records.push_back({record.sequence(), std::move(body)});
    }
    return Arrival(std::move(delivery));
}

Result<Arrival> decode(const channel::Heartbeat& from) {
    HeartbeatArrival arrival;
    TRY_ASSIGN(arrival.agent, read_agent(from.agent()));
    arrival.bytes = as_bytes(from.content());
    if (!from.rule_set().empty()) {
        TRY_ASSIGN(arrival.rule_set, read_id<Digest>(from.rule_set(), "digest"));
    }
    if (static_cast<std::size_t>(from.problems_size()) > most_problems)
        return invalid("number of problems");
    for (const channel::Problem& problem : from.problems()) {
        TRY(check_word(problem.capability(), "capability"));
        TRY(check_word(problem.problem(), "problem"));
        arrival.problems.push_back({problem.capability(), problem.problem()});
    }
    // The store compares them with the ones before.
    std::ranges::sort(arrival.problems);
    return Arrival(std::move(arrival));
}

Result<Arrival> decode(const channel::Watch& from) {
    WatchArrival arrival;
    arrival.is_first = from.is_first();
    for (const std::string& gone : from.gone()) {
        TRY_ASSIGN(arrival.gone.emplace_back(), read_id<CollectorId>(gone, "collector id"));
    }
    return Arrival(std::move(arrival));
}

Result<Arrival> decode(const channel::Arrival& from) {
    switch (from.body_case()) {
    case channel::Arrival::kOpening:
        return decode(from.opening());
    case channel::Arrival::kDelivery:
        return decode(from.delivery());
    case channel::Arrival::kHeartbeat:
        return decode(from.heartbeat());
    case channel::Arrival::kAbsence: {
        TRY_ASSIGN(const auto agent, read_agent(from.absence().agent()));
        return Arrival(AbsenceArrival{agent, from.absence().is_silent()
                                                 ? VisibilityReason::silent
                                                 : VisibilityReason::stopped});
    }
    case channel::Arrival::kQuota: {
        TRY_ASSIGN(const auto agent, read_agent(from.quota().agent()));
        return Arrival(QuotaArrival{agent, from.quota().is_over()});
    }
    case channel::Arrival::kRevokedAgent: {
        TRY_ASSIGN(const auto agent, read_agent(from.revoked_agent()));
        return Arrival(RevocationArrival{agent});
    }
    case channel::Arrival::kWatch:
        return decode(from.watch());
    case channel::Arrival::BODY_NOT_SET:
        break;
    }
    return invalid("arrival");
}

} // namespace

std::string encode_turn(std::span<const Arrival> arrivals) {
    channel::Turn turn;
    for (const Arrival& arrival : arrivals)
        std::visit([&](const auto& one) { encode(one, *turn.add_arrivals()); }, arrival);
    return turn.SerializeAsString();
}

Result<std::vector<Arrival>> decode_turn(const channel::Turn& turn) {
    std::vector<Arrival> arrivals;
    arrivals.reserve(static_cast<std::size_t>(turn.arrivals_size()));
    for (const channel::Arrival& arrival : turn.arrivals()) {
        TRY_ASSIGN(auto decoded, decode(arrival));
        arrivals.push_back(std::move(decoded));
    }
    return arrivals;
}

channel::Outcome encode_outcome(const Outcome& outcome) {
    channel::Outcome out;
    out.mutable_positions()->Add(outcome.positions.begin(), outcome.positions.end());
    out.set_findings(outcome.findings);
    out.set_rule_sets(outcome.rule_sets);
    out.set_gaps(outcome.gaps);
    out.set_rejected(outcome.rejected);
    out.set_duplicates(outcome.duplicates);
    out.set_visibility(outcome.visibility);
    for (const CurvePublicKey& agent : outcome.silent) out.add_silent(bytes_of(agent));
    for (const CurvePublicKey& agent : outcome.moved) out.add_moved(bytes_of(agent));
    if (!outcome.watch) return out;
    channel::WatchReport& report = *out.mutable_watch();
    for (const WatchedAgent& agent : outcome.watch->adopted) {
        auto& one = *report.add_adopted();
        one.set_agent(bytes_of(agent.key));
        one.set_interval_ns(agent.heartbeat_interval.count());
        one.set_is_silent(agent.absence == VisibilityReason::silent);
        one.set_is_stopped(agent.absence == VisibilityReason::stopped);
    }
    for (const OtherCollector& other : outcome.watch->others) {
        auto& one = *report.add_others();
        one.set_collector(bytes_of(other.id));
        one.set_beats(other.beats);
    }
    return out;
}

Result<Outcome> decode_outcome(const channel::Outcome& from, std::size_t arrivals) {
    if (static_cast<std::size_t>(from.positions_size()) != arrivals)
        return fail(ErrorKind::data, "the store process sent another number of positions");
    Outcome outcome;
    outcome.positions.assign(from.positions().begin(), from.positions().end());
    outcome.findings = from.findings();
    outcome.rule_sets = from.rule_sets();
    outcome.gaps = from.gaps();
    outcome.rejected = from.rejected();
    outcome.duplicates = from.duplicates();
    outcome.visibility = from.visibility();
    for (const std::string& agent : from.silent()) {
        TRY_ASSIGN(outcome.silent.emplace_back(), read_agent(agent));
    }
    for (const std::string& agent : from.moved()) {
        TRY_ASSIGN(outcome.moved.emplace_back(), read_agent(agent));
    }
    if (!from.has_watch()) return outcome;
    WatchReport& report = outcome.watch.emplace();
    for (const auto& one : from.watch().adopted()) {
        WatchedAgent& agent = report.adopted.emplace_back();
        TRY_ASSIGN(agent.key, read_agent(one.agent()));
        agent.heartbeat_interval = std::chrono::nanoseconds(one.interval_ns());
        if (one.is_silent()) agent.absence = VisibilityReason::silent;
        if (one.is_stopped()) agent.absence = VisibilityReason::stopped;
    }
    for (const auto& one : from.watch().others()) {
        OtherCollector& other = report.others.emplace_back();
        TRY_ASSIGN(other.id, read_id<CollectorId>(one.collector(), "collector id"));
        other.beats = one.beats();
    }
    return outcome;
}

} // namespace minewarden::collector
