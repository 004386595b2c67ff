// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/conditions.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::collector::sql {

Conditions& Conditions::add(std::string_view text) {
    text_ += text_.empty() ? " WHERE " : " AND ";
    text_ += text;
    return *this;
}

Conditions& Conditions::add(std::string_view text, Value value) {
    return add_parameter(text, {std::move(value), false});
}

Conditions& Conditions::add_bytes(std::string_view text, ByteView bytes) {
    return add_parameter(text, {std::string(as_text(bytes)), true});
}

Conditions& Conditions::add_parameter(std::string_view text, Parameter parameter) {
    parameters_.push_back(std::move(parameter));
    return add(fmt::format(fmt::runtime(text), fmt::format("?{}", parameters_.size())));
}

std::string Conditions::parameter(std::int64_t value) {
    parameters_.push_back({value, false});
    return fmt::format("?{}", parameters_.size());
}

void Conditions::bind(Statement& statement) const {
    int index = 0;
    for (const auto& [value, is_bytes] : parameters_) {
        ++index;
        if (const auto* number = std::get_if<std::int64_t>(&value))
            statement.bind_integer(index, *number);
        else if (is_bytes)
            statement.bind_blob(index, as_bytes(std::get<std::string>(value)));
        else
            statement.bind_text(index, std::get<std::string>(value));
    }
}

Result<MatchCount> count_rows(Connection& connection, std::string_view table,
                              Conditions& conditions) {
    const std::string where = conditions.where();
    const std::string sql =
        fmt::format("SELECT count(*) FROM (SELECT 1 FROM {}{} LIMIT {}) AS matches", table, where,
                    conditions.parameter(MatchCount::most + 1));
    TRY_ASSIGN(const auto statement, connection.prepare(sql, Connection::Use::once));
    conditions.bind(*statement);
    TRY_ASSIGN(const auto number, read_number(*statement));
    const auto matches = static_cast<std::uint64_t>(number.value_or(0));
    return MatchCount{std::min(matches, MatchCount::most), matches <= MatchCount::most};
}

} // namespace minewarden::collector::sql
