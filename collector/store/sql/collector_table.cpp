// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/collector_table.h"

#include "collector/store/sql/rows.h"

#include <algorithm>

namespace minewarden::collector::sql {
namespace {

struct CollectorRow {
    std::int64_t row;
    OtherCollector collector;
};

Result<CollectorRow> read_collector(const Statement& row) {
    const auto id = CollectorId::from(row.blob(1));
    if (!id) return fail(damaged("a collector cannot be read"));
    return CollectorRow{row.integer(0), {*id, static_cast<std::uint64_t>(row.integer(2))}};
}

Result<WatchedAgent> read_watched(const Statement& row) {
    const auto key = CurvePublicKey::from(row.blob(0));
    wire::Heartbeat heartbeat;
    const ByteView bytes = row.blob(1); // empty before the first heartbeat
    if (!key || !heartbeat.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return fail(damaged("an agent cannot be read"));
    const auto interval = std::min<std::uint64_t>(heartbeat.heartbeat_interval_ns(), INT64_MAX);
    WatchedAgent agent{*key, std::chrono::nanoseconds(static_cast<std::int64_t>(interval))};
    if (!row.is_null(2)) agent.absence = find_visibility_reason(row.text(2));
    return agent;
}

} // namespace

Result<CollectorTable> CollectorTable::open(Connection& connection, const CollectorId& self,
                                            bool is_shared) {
    CollectorTable table;
    table.self_ = self;
    table.is_shared_ = is_shared;
    TRY(prepare_all(
        connection,
        {{&table.find_, "SELECT row FROM collectors WHERE id = ?1"},
         {&table.insert_, "INSERT INTO collectors (id, beats) VALUES (?1, 0) RETURNING row"},
         {&table.beat_, "UPDATE collectors SET beats = beats + 1 WHERE row = ?1"},
         {&table.others_, "SELECT row, id, beats FROM collectors WHERE row <> ?1"},
         {&table.remove_, "DELETE FROM collectors WHERE row = ?1"},
         // At most one absence of an agent is open.
         {&table.agents_of_,
          "SELECT a.key, h.bytes, v.reason FROM agents a "
          "LEFT JOIN heartbeats h ON h.agent = a.row LEFT JOIN visibility v ON v.agent = a.row "
          "AND v.until_ns IS NULL AND v.reason IN ('silent', 'stopped') "
          "WHERE a.collector = ?1"}}));
    return table;
}

Result<std::int64_t> CollectorTable::self() {
    if (row_) return *row_;
    TRY_ASSIGN(row_, read_number(find_->bind(self_)));
    if (row_) return *row_;
    TRY_ASSIGN(row_, read_number(insert_->bind(self_)));
    return row_.value_or(0);
}

Result<WatchReport> CollectorTable::watch(const WatchArrival& arrival, AgentBook& agents) {
    TRY_ASSIGN(const auto own, self());
    TRY(beat_->bind(own).run());
    TRY_ASSIGN(const auto others, read_all(others_->bind(own), read_collector));
    WatchReport report;
    if (arrival.is_first) {
        TRY_ASSIGN(report.adopted, read_all(agents_of_->bind(own), read_watched));
    }
    for (const CollectorRow& other : others) {
        const bool is_gone = !is_shared_ || std::ranges::find(arrival.gone, other.collector.id) !=
                                                arrival.gone.end();
        if (!is_gone) {
            report.others.push_back(other.collector);
            continue;
        }
        TRY_ASSIGN(auto adopted, read_all(agents_of_->bind(other.row), read_watched));
        report.adopted.insert(report.adopted.end(), adopted.begin(), adopted.end());
        TRY(agents.reassign_all(other.row, own));
        TRY(remove_->bind(other.row).run());
    }
    return report;
}

} // namespace minewarden::collector::sql
