// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/record_writer.h"

#include "collector/store/sql/content_bytes.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

namespace minewarden::collector::sql {
namespace {

/// Precision of used_ns: retention counts days, so not every heartbeat writes the row.
constexpr std::int64_t use_step_ns = std::chrono::nanoseconds(std::chrono::hours(1)).count();

} // namespace

Result<RecordWriter> RecordWriter::open(Connection& connection, FindingTable& findings,
                                        CounterTable& counters) {
    RecordWriter writer(findings, counters);
    TRY(prepare_all(
        connection,
        {{&writer.find_rules_, "SELECT used_ns FROM rule_sets WHERE digest = ?1"},
         {&writer.put_rules_, "INSERT INTO rule_sets (digest, received_ns, used_ns, bytes) "
                              "VALUES (?1, ?2, ?2, ?3)"},
         {&writer.use_rules_, "UPDATE rule_sets SET used_ns = ?2 WHERE digest = ?1"},
         {&writer.put_gap_,
          "INSERT INTO gaps (row, stream, place, lost, first_sequence, last_sequence, from_ns, "
          "until_ns, received_ns, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"}}));
    return writer;
}

Result<void> RecordWriter::store(KnownStream& stream, const Delivery& delivery, WallTime now,
                                 Outcome& outcome) {
    for (const Record& record : delivery.records) {
        if (record.sequence <= stream.sequence) {
            ++outcome.duplicates;
            continue;
        }
        TRY(skip_to(stream, record.sequence, now, outcome));
        TRY(store_record(stream, record, now, outcome));
        stream.sequence = record.sequence;
    }
    return {};
}

Result<void> RecordWriter::skip_to(KnownStream& stream, std::uint64_t next, WallTime now,
                                   Outcome& outcome) {
    const std::uint64_t first = stream.sequence + 1;
    if (next <= first) return {};
    ++outcome.gaps;
    TRY(put_gap(stream, {"stream", next - first, now, now, ""}, first, next - 1, now));
    stream.sequence = next - 1;
    return {};
}

Result<void> RecordWriter::store_record(KnownStream& stream, const Record& record, WallTime now,
                                        Outcome& outcome) {
    if (const auto* finding = std::get_if<FindingArrival>(&record.body)) {
        ++outcome.findings;
        ++stream.kept;
        counters_->add(DataClass::findings, 1, content_bytes(*finding));
        return findings_->add({counters_->next(Numbered::findings), stream.agent, stream.row,
                               record.sequence, finding, now,
                               finding->version > 1 || !stream.first_of_agent});
    }
    if (const auto* rules = std::get_if<RuleSetArrival>(&record.body)) {
        ++outcome.rule_sets;
        return store_rules(*rules, now);
    }
    ++outcome.gaps;
    if (const auto* gap = std::get_if<GapArrival>(&record.body))
        return put_gap(stream, *gap, std::nullopt, std::nullopt, now);
    ++outcome.rejected;
    const std::string detail =
        fmt::format("record {}: {}", record.sequence, std::get<RejectedRecord>(record.body).reason);
    return put_gap(stream, {"intake", 1, now, now, detail}, std::nullopt, std::nullopt, now);
}

Result<void> RecordWriter::store_rules(const RuleSetArrival& rules, WallTime now) {
    TRY(use(rules.digest, now));
    if (used_.contains(rules.digest)) return {}; // stored already
    used_[rules.digest] = now;
    counters_->add(DataClass::rule_sets, 1, content_bytes(rules));
    return put_rules_->bind(rules.digest, now.ns, rules.bytes).run();
}

Result<void> RecordWriter::use(const Digest& rules, WallTime now) {
    auto known = used_.find(rules);
    if (known == used_.end()) {
        TRY_ASSIGN(const auto used, read_number(find_rules_->bind(rules)));
        if (!used) return {};
        known = used_.emplace(rules, WallTime{*used}).first;
    }
    // The clock may have been set back: an older time must not expire the rules early.
    if (now.ns - known->second.ns < use_step_ns) return {};
    known->second = now;
    return use_rules_->bind(rules, now.ns).run();
}

Result<void> RecordWriter::put_gap(KnownStream& stream, const GapArrival& gap,
                                   std::optional<std::uint64_t> first,
                                   std::optional<std::uint64_t> last, WallTime now) {
    ++stream.kept;
    counters_->add(DataClass::gaps, 1, text_bytes(gap.place, gap.detail));
    const auto lost = std::min<std::uint64_t>(gap.lost, INT64_MAX);
    return put_gap_
        ->bind(counters_->next(Numbered::gaps), stream.row, gap.place, lost, first, last,
               gap.from.ns, gap.until.ns, now.ns, gap.detail)
        .run();
}

} // namespace minewarden::collector::sql
