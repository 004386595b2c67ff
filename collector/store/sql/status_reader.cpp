// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/status_reader.h"

#include "collector/store/sql/cursor_row.h"
#include "collector/store/sql/tables.h"

namespace minewarden::collector::sql {

Result<StatusReader> StatusReader::open(Connection& connection, std::string_view size_query) {
    TRY_ASSIGN(auto counters, CounterTable::open(connection));
    StatusReader reader(std::move(counters));
    const auto oldest = [&](DataClass data) {
        return &reader.oldest_[static_cast<std::size_t>(data)];
    };
    TRY(prepare_all(
        connection,
        {{&reader.size_, size_query},
         {&reader.open_visibility_, "SELECT count(*) FROM visibility WHERE until_ns IS NULL"},
         {&reader.mismatched_, "SELECT count(*) FROM recomputations WHERE result = 2"},
         {&reader.follower_, "SELECT position FROM followers WHERE name = ?1"},
         // In tables in the order of commits, the first row is the oldest.
         {oldest(DataClass::findings), "SELECT received_ns FROM findings ORDER BY row LIMIT 1"},
         {oldest(DataClass::gaps), "SELECT received_ns FROM gaps ORDER BY row LIMIT 1"},
         {oldest(DataClass::visibility), "SELECT since_ns FROM visibility ORDER BY row LIMIT 1"},
         {oldest(DataClass::rule_sets), "SELECT min(used_ns) FROM rule_sets"},
         {oldest(DataClass::agents), "SELECT min(last_seen_ns) FROM agents"}}));
    return reader;
}

Result<StoreStatus> StatusReader::status() {
    TRY(counters_.load());
    StoreStatus status;
    status.schema_version = schema_version;
    status.last_finding = CursorRow::cursor(counters_.last(Numbered::findings));
    const auto number = [](Statement& statement) -> Result<std::uint64_t> {
        TRY_ASSIGN(const auto value, read_number(statement));
        return static_cast<std::uint64_t>(value.value_or(0));
    };
    TRY_ASSIGN(status.bytes, number(*size_));
    TRY_ASSIGN(status.open_visibility, number(*open_visibility_));
    TRY_ASSIGN(status.mismatched, number(*mismatched_));
    for (std::size_t i = 0; i < data_classes; ++i) {
        const auto data = static_cast<DataClass>(i);
        TRY_ASSIGN(const auto oldest, read_number(*oldest_[i]));
        status.classes[i] = {counters_.count(data, ClassCount::rows),
                             counters_.count(data, ClassCount::bytes),
                             oldest ? std::optional(WallTime{*oldest}) : std::nullopt,
                             counters_.count(data, ClassCount::deleted_rows),
                             counters_.count(data, ClassCount::deleted_bytes)};
    }
    return status;
}

Result<std::optional<Cursor>> StatusReader::follower_position(std::string_view follower) {
    TRY_ASSIGN(const auto row, read_number(follower_->bind(follower)));
    return row ? std::optional(CursorRow::cursor(*row)) : std::nullopt;
}

} // namespace minewarden::collector::sql
