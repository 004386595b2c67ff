// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/rows.h"

#include "collector/store/sql/cursor_row.h"
#include "collector/store/sql/recomputation_table.h"

namespace minewarden::collector::sql {
namespace {

constexpr int recomputation_at = 9;
constexpr int record_at = 12;

template <class Message>
bool parse(Message& message, ByteView bytes) {
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

Result<void> fill(FindingSummary& found, const Statement& row) {
    const auto agent = CurvePublicKey::from(row.blob(1));
    const auto stream = StreamId::from(row.blob(4));
    if (!agent || !stream || !parse(found.finding, row.blob(8)))
        return fail(damaged("a finding cannot be read"));
    found.cursor = CursorRow::cursor(row.integer(0));
    found.agent = *agent;
    found.agent_name = row.text(2);
    found.host_name = row.text(3);
    found.stream = *stream;
    found.sequence = static_cast<std::uint64_t>(row.integer(5));
    found.received_at = {row.integer(6)};
    found.current = row.integer(7) == 0;
    found.recomputation = read_recomputation(row, recomputation_at);
    return {};
}

} // namespace

Error damaged(std::string_view what) {
    return {ErrorKind::data, "the database is damaged: " + std::string(what)};
}

Result<FindingSummary> read_summary(const Statement& row) {
    FindingSummary found;
    TRY(fill(found, row));
    return found;
}

Result<StoredFinding> read_finding(const Statement& row) {
    StoredFinding found;
    TRY(fill(found, row));
    found.finding.set_record(std::string(row.text(record_at)));
    return found;
}

Result<StoredAgent> read_agent(const Statement& row) {
    StoredAgent found;
    const auto key = CurvePublicKey::from(row.blob(0));
    if (!key || !parse(found.heartbeat, row.blob(7)))
        return fail(damaged("an agent cannot be read"));
    found.key = *key;
    found.name = row.text(1);
    found.host_name = row.text(2);
    found.version = row.text(3);
    found.first_seen_at = {row.integer(4)};
    found.last_seen_at = {row.integer(5)};
    if (!row.is_null(6)) found.heartbeat_at = WallTime{row.integer(6)};
    return found;
}

Result<StoredGap> read_gap(const Statement& row) {
    StoredGap found;
    const auto agent = CurvePublicKey::from(row.blob(1));
    const auto stream = StreamId::from(row.blob(3));
    if (!agent || !stream) return fail(damaged("a gap cannot be read"));
    const auto sequence = [&](int column) {
        return row.is_null(column) ? std::nullopt
                                   : std::optional(static_cast<std::uint64_t>(row.integer(column)));
    };
    found.cursor = CursorRow::cursor(row.integer(0));
    found.agent = *agent;
    found.agent_name = row.text(2);
    found.stream = *stream;
    found.place = row.text(4);
    found.lost = static_cast<std::uint64_t>(row.integer(5));
    found.first_sequence = sequence(6);
    found.last_sequence = sequence(7);
    found.from = {row.integer(8)};
    found.until = {row.integer(9)};
    found.received_at = {row.integer(10)};
    found.detail = row.text(11);
    return found;
}

Result<StoredVisibility> read_visibility(const Statement& row) {
    StoredVisibility found;
    const auto agent = CurvePublicKey::from(row.blob(1));
    const auto reason = find_visibility_reason(row.text(4));
    if (!agent || !reason) return fail(damaged("a visibility record cannot be read"));
    found.cursor = CursorRow::cursor(row.integer(0));
    found.agent = *agent;
    found.agent_name = row.text(2);
    found.host_name = row.text(3);
    found.reason = *reason;
    found.place = row.text(5);
    found.since = {row.integer(6)};
    if (!row.is_null(7)) found.until = WallTime{row.integer(7)};
    if (!row.is_null(8)) found.end = find_visibility_end(row.text(8));
    found.detail = row.text(9);
    return found;
}

} // namespace minewarden::collector::sql
