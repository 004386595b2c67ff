// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/recomputation_table.h"

#include "collector/store/sql/cursor_row.h"

#include <nlohmann/json.hpp>

namespace minewarden::collector::sql {
namespace {

using nlohmann::json;

/// Values of the column `result`. New values may be added; existing ones never change.
enum Code : std::int64_t {
    matched = 1,
    mismatched = 2,
    rules_missing = 3,
    unreadable = 4,
    newer_version = 5
};

Code to_code(rules::ClaimResult result) {
    switch (result) {
    case rules::ClaimResult::matched:
        return matched;
    case rules::ClaimResult::mismatched:
        return mismatched;
    case rules::ClaimResult::rules_missing:
        return rules_missing;
    case rules::ClaimResult::newer_version:
        return newer_version;
    case rules::ClaimResult::unreadable:
        return unreadable;
    }
    return unreadable;
}

std::optional<rules::ClaimResult> from_code(std::int64_t code) {
    switch (code) {
    case matched:
        return rules::ClaimResult::matched;
    case mismatched:
        return rules::ClaimResult::mismatched;
    case rules_missing:
        return rules::ClaimResult::rules_missing;
    case newer_version:
        return rules::ClaimResult::newer_version;
    case unreadable:
        return rules::ClaimResult::unreadable;
    default:
        return std::nullopt;
    }
}

/// "" for a match; else JSON, readable with the database's own client.
std::string detail_of(const Recomputation& recomputation) {
    if (recomputation.differences.empty() && recomputation.problem.empty()) return "";
    json detail = json::object();
    if (!recomputation.problem.empty()) detail["problem"] = recomputation.problem;
    for (const rules::Difference& difference : recomputation.differences)
        detail["differences"].push_back(
            {difference.field, difference.reported, difference.recomputed});
    return detail.dump(-1, ' ', false, json::error_handler_t::replace);
}

void read_detail(std::string_view text, Recomputation& recomputation) {
    const json detail = json::parse(text, nullptr, false);
    if (!detail.is_object()) return;
    if (const auto problem = detail.find("problem");
        problem != detail.end() && problem->is_string())
        recomputation.problem = problem->get<std::string>();
    const auto differences = detail.find("differences");
    if (differences == detail.end() || !differences->is_array()) return;
    for (const json& one : *differences) {
        if (one.is_array() && one.size() == 3 && one[0].is_string() && one[1].is_string() &&
            one[2].is_string())
            recomputation.differences.push_back(
                {one[0].get<std::string>(), one[1].get<std::string>(), one[2].get<std::string>()});
    }
}

} // namespace

Result<RecomputationTable> RecomputationTable::open(Connection& connection) {
    RecomputationTable table;
    TRY(prepare_all(
        connection,
        {{&table.put_,
          "INSERT INTO recomputations (finding, result, made_ns, detail) "
          "SELECT row, CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), CAST(?4 AS TEXT) FROM findings "
          "WHERE row = ?1 ON CONFLICT (finding) DO UPDATE SET result = excluded.result, "
          "made_ns = excluded.made_ns, detail = excluded.detail"},
         {&table.position_, "SELECT position FROM followers WHERE name = ?1"},
         {&table.move_, "INSERT INTO followers (name, position) VALUES (?1, ?2) "
                        "ON CONFLICT (name) DO UPDATE SET position = excluded.position"}}));
    return table;
}

Result<void> RecomputationTable::put(std::span<const RecomputedFinding> recomputed) {
    for (const RecomputedFinding& one : recomputed) {
        const std::string detail = detail_of(one.recomputation);
        put_->bind(CursorRow::row(one.cursor),
                   static_cast<std::int64_t>(to_code(one.recomputation.result)),
                   one.recomputation.made_at.ns, std::string_view(detail));
        TRY(put_->run());
    }
    return {};
}

Result<bool> RecomputationTable::advance(std::string_view follower, std::optional<Cursor> from,
                                         Cursor to) {
    TRY_ASSIGN(const auto now, read_number(position_->bind(follower)));
    const auto expected = from ? std::optional(CursorRow::row(*from)) : std::nullopt;
    if (now != expected) return false;
    TRY(move_->bind(follower, CursorRow::row(to)).run());
    return true;
}

std::optional<Recomputation> read_recomputation(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    const auto result = from_code(row.integer(column));
    if (!result) return std::nullopt;
    Recomputation recomputation;
    recomputation.result = *result;
    recomputation.made_at = {row.integer(column + 1)};
    if (!row.text(column + 2).empty()) read_detail(row.text(column + 2), recomputation);
    return recomputation;
}

} // namespace minewarden::collector::sql
