// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/recomputations.h"

#include <nlohmann/json.hpp>

namespace minewarden::collector::sqlite {
namespace {

using nlohmann::json;

/// What rows have in `result`. Never changed, only added to.
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

/// "" for the usual case; else JSON, for whoever looks with sqlite3.
std::string detail_of(const Recomputation& recomputation) {
    if (recomputation.differences.empty() && recomputation.problem.empty()) return "";
    json detail = json::object();
    if (!recomputation.problem.empty()) detail["problem"] = recomputation.problem;
    for (const rules::Difference& difference : recomputation.differences)
        detail["differences"].push_back({difference.field, difference.said, difference.made});
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

// Beside findings, which are never changed; a finding without a row was not in the sample. The
// index has the mismatches only (2), which are few and asked for.
const std::string_view recomputations_table = R"sql(
CREATE TABLE recomputations (
  finding INTEGER PRIMARY KEY REFERENCES findings(row),
  result INTEGER NOT NULL,
  made_ns INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX recomputations_mismatched ON recomputations(finding) WHERE result = 2;
)sql";

Result<void> put_recomputations(Connection& connection,
                                std::span<const RecomputedFinding> recomputed) {
    TRY_ASSIGN(auto put,
               connection.prepare(
                   "INSERT OR REPLACE INTO recomputations (finding, result, made_ns, detail) "
                   "VALUES (?1, ?2, ?3, ?4)"));
    TRY_ASSIGN(auto transaction, Transaction::begin(connection));
    for (const RecomputedFinding& one : recomputed) {
        const std::string detail = detail_of(one.recomputation);
        put.bind(one.cursor, static_cast<std::int64_t>(to_code(one.recomputation.result)),
                 one.recomputation.made_at.ns, std::string_view(detail));
        TRY(put.run());
    }
    return transaction.commit();
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

} // namespace minewarden::collector::sqlite
