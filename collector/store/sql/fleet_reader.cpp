// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/fleet_reader.h"

#include "collector/store/sql/cursor_row.h"
#include "collector/store/sql/rows.h"

#include <fmt/core.h>

namespace minewarden::collector::sql {
namespace {

constexpr std::string_view gaps_table =
    "gaps g JOIN streams s ON s.row = g.stream JOIN agents a ON a.row = s.agent";
constexpr std::string_view visibility_table = "visibility v JOIN agents a ON a.row = v.agent";

Conditions conditions_of(const GapFilter& filter) {
    Conditions conditions;
    if (filter.since) conditions.add("g.received_ns >= {}", filter.since->ns);
    if (filter.until) conditions.add("g.received_ns < {}", filter.until->ns);
    if (filter.agent) conditions.add_bytes("a.key = {}", filter.agent->view());
    return conditions;
}

Conditions conditions_of(const VisibilityFilter& filter) {
    Conditions conditions;
    if (filter.open) conditions.add(*filter.open ? "v.until_ns IS NULL" : "v.until_ns IS NOT NULL");
    if (filter.since) conditions.add("(v.until_ns IS NULL OR v.until_ns >= {})", filter.since->ns);
    if (filter.agent) conditions.add_bytes("a.key = {}", filter.agent->view());
    return conditions;
}

/// The newest matches; `row` is the column of the cursor.
template <class Item>
Result<FleetList<Item>> list(Connection& connection, std::string_view columns,
                             std::string_view table, std::string_view row, Conditions conditions,
                             std::optional<Cursor> before, std::size_t limit,
                             Result<Item> (*read)(const Statement&)) {
    if (before) conditions.add(fmt::format("{} < {{}}", row), CursorRow::row(*before));
    const std::string where = conditions.where();
    // One row more than the limit shows if there are more.
    const std::string sql =
        fmt::format("SELECT {} FROM {}{} ORDER BY {} DESC LIMIT {}", columns, table, where, row,
                    conditions.parameter(static_cast<std::int64_t>(limit) + 1));
    TRY_ASSIGN(const auto statement, connection.prepare(sql, Connection::Use::once));
    conditions.bind(*statement);
    TRY_ASSIGN(auto items, read_all(*statement, read));
    FleetList<Item> list{std::move(items), std::nullopt};
    if (list.items.size() > limit) {
        list.items.resize(limit);
        list.before = list.items.back().cursor;
    }
    return list;
}

} // namespace

Result<FleetReader> FleetReader::open(Connection& connection) {
    FleetReader reader(connection);
    TRY(prepare_all(
        connection,
        {{&reader.agents_,
          fmt::format("SELECT {} FROM agents a LEFT JOIN heartbeats h ON h.agent = a.row "
                      "ORDER BY a.name, a.key",
                      agent_columns)},
         {&reader.visibility_at_, fmt::format("SELECT {} FROM {} WHERE v.row = ?1",
                                              visibility_columns, visibility_table)}}));
    return reader;
}

Result<std::vector<StoredAgent>> FleetReader::agents() {
    return read_all(*agents_, read_agent);
}

Result<FleetList<StoredGap>> FleetReader::gaps(const GapFilter& filter,
                                               std::optional<Cursor> before, std::size_t limit) {
    return list(*connection_, gap_columns, gaps_table, "g.row", conditions_of(filter), before,
                limit, read_gap);
}

Result<MatchCount> FleetReader::count_gaps(const GapFilter& filter) {
    Conditions conditions = conditions_of(filter);
    return count_rows(*connection_, gaps_table, conditions);
}

Result<FleetList<StoredVisibility>> FleetReader::visibility(const VisibilityFilter& filter,
                                                            std::optional<Cursor> before,
                                                            std::size_t limit) {
    return list(*connection_, visibility_columns, visibility_table, "v.row", conditions_of(filter),
                before, limit, read_visibility);
}

Result<MatchCount> FleetReader::count_visibility(const VisibilityFilter& filter) {
    Conditions conditions = conditions_of(filter);
    return count_rows(*connection_, visibility_table, conditions);
}

Result<std::optional<StoredVisibility>> FleetReader::visibility_at(Cursor cursor) {
    return read_first(visibility_at_->bind(CursorRow::row(cursor)), read_visibility);
}

} // namespace minewarden::collector::sql
