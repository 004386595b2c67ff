// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/database.h"
#include "common/clock.h"

#include <initializer_list>
#include <utility>
#include <vector>

namespace minewarden::collector::sql {

using StatementPtr = std::unique_ptr<Statement>;

/// Prepares several statements; stops at the first error.
inline Result<void>
prepare_all(Connection& connection,
            std::initializer_list<std::pair<StatementPtr*, std::string_view>> statements) {
    for (const auto& [statement, sql] : statements) {
        TRY_ASSIGN(*statement, connection.prepare(sql));
    }
    return {};
}

/// All rows of a bound statement, converted by `read`.
template <class Row>
Result<std::vector<Row>> read_all(Statement& statement, Result<Row> (*read)(const Statement&)) {
    std::vector<Row> rows;
    for (;;) {
        TRY_ASSIGN(const auto is_row, statement.step());
        if (!is_row) return rows;
        auto row = read(statement);
        if (!row) {
            statement.reset();
            return fail(std::move(row).error());
        }
        rows.push_back(std::move(*row));
    }
}

/// The first row of a bound statement, if any.
template <class Row>
Result<std::optional<Row>> read_first(Statement& statement, Result<Row> (*read)(const Statement&)) {
    TRY_ASSIGN(const auto is_row, statement.step());
    if (!is_row) return std::optional<Row>();
    auto row = read(statement);
    statement.reset();
    if (!row) return fail(std::move(row).error());
    return std::optional<Row>(std::move(*row));
}

/// The first column of the first row; nullopt without a row, or for NULL.
inline Result<std::optional<std::int64_t>> read_number(Statement& statement) {
    TRY_ASSIGN(const auto is_row, statement.step());
    if (!is_row) return std::optional<std::int64_t>();
    const auto value = statement.is_null(0) ? std::nullopt : std::optional(statement.integer(0));
    statement.reset();
    return value;
}

/// The same for a statement that is run once.
inline Result<std::optional<std::int64_t>> read_number(Connection& connection,
                                                       std::string_view sql) {
    TRY_ASSIGN(const auto statement, connection.prepare(sql, Connection::Use::once));
    return read_number(*statement);
}

inline std::optional<std::int64_t> ns_of(const std::optional<WallTime>& time) {
    return time ? std::optional(time->ns) : std::nullopt;
}

} // namespace minewarden::collector::sql
