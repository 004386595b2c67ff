// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/finding_reader.h"

#include "collector/store/sql/cursor_row.h"
#include "collector/store/sql/rows.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::collector::sql {
namespace {

constexpr int mismatched = 2; ///< recomputations.result

/// The rows of an id: from the index by id, and rows that are not indexed yet.
constexpr std::string_view rows_of_ids =
    "WITH rows(row) AS (SELECT row FROM finding_ids WHERE finding_id BETWEEN ?1 AND ?2 "
    "UNION ALL SELECT row FROM findings "
    "WHERE row > (SELECT row FROM finding_index_progress) AND finding_id BETWEEN ?1 AND ?2) ";

std::string by_id(std::string_view columns, std::string_view rest) {
    return fmt::format("{}SELECT {} FROM rows r JOIN findings f ON f.row = r.row {} {}",
                       rows_of_ids, columns, summary_joins, rest);
}

std::string by_row(std::string_view columns, std::string_view rest) {
    return fmt::format("SELECT {} FROM findings f {} {}", columns, summary_joins, rest);
}

Conditions conditions_of(const FindingFilter& filter) {
    Conditions conditions;
    if (filter.since) conditions.add("f.changed_ns >= {}", filter.since->ns);
    if (filter.until) conditions.add("f.changed_ns < {}", filter.until->ns);
    // '/' is the character after '.': this is Activity::is_under.
    if (!filter.activity.empty())
        conditions.add("(f.activity = {0} OR (f.activity >= {0} || '.' "
                       "AND f.activity < {0} || '/'))",
                       filter.activity);
    if (filter.certainty != wire::CERTAINTY_UNSPECIFIED)
        conditions.add("f.certainty >= {}", static_cast<std::int64_t>(filter.certainty));
    if (filter.state) conditions.add("f.state = {}", static_cast<std::int64_t>(*filter.state));
    if (filter.agent)
        conditions.add_bytes("f.agent = (SELECT row FROM agents WHERE key = {})",
                             filter.agent->view());
    if (filter.current_only) conditions.add("f.superseded = 0");
    if (filter.mismatched_only)
        conditions.add(fmt::format(
            "f.row IN (SELECT finding FROM recomputations WHERE result = {})", mismatched));
    return conditions;
}

Result<wire::RuleSet> read_rule_set(const Statement& row) {
    const ByteView bytes = row.blob(0);
    wire::RuleSet rules;
    if (!rules.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return fail(damaged("a rule set cannot be read"));
    return rules;
}

std::string with_record() {
    return std::string(summary_columns) + std::string(record_column);
}

} // namespace

Result<FindingReader> FindingReader::open(Connection& connection) {
    FindingReader reader(connection);
    TRY(prepare_all(
        connection,
        {{&reader.last_, "SELECT value FROM counters WHERE name = 'last_finding'"},
         {&reader.change_range_,
          "SELECT min(row), max(row), (SELECT row FROM finding_index_progress) "
          "FROM finding_changes WHERE changed_ns >= ?1 AND changed_ns < ?2"},
         {&reader.whole_, by_row(with_record(), "WHERE f.row > ?1 ORDER BY f.row LIMIT ?2")},
         {&reader.at_, by_row(with_record(), "WHERE f.row = ?1")},
         {&reader.find_, by_id(with_record(), "WHERE f.superseded = 0 ORDER BY f.row LIMIT ?3")},
         {&reader.history_,
          by_id(summary_columns, "WHERE a.key = ?3 ORDER BY f.row DESC LIMIT ?4")},
         {&reader.version_, by_id(with_record(), "WHERE a.key = ?3 AND f.version = ?4 "
                                                 "ORDER BY f.row DESC LIMIT 1")},
         {&reader.rule_set_, "SELECT bytes FROM rule_sets WHERE digest = ?1"}}));
    return reader;
}

Result<std::int64_t> FindingReader::last_row() {
    TRY_ASSIGN(const auto last, read_number(*last_));
    return last.value_or(0);
}

Result<Cursor> FindingReader::last() {
    TRY_ASSIGN(const auto row, last_row());
    return CursorRow::cursor(row);
}

Result<FindingList> FindingReader::newest(const FindingFilter& filter, std::optional<Cursor> before,
                                          std::size_t limit) {
    TRY_ASSIGN(const auto last, last_row());
    const std::int64_t end = before ? CursorRow::row(*before) - 1 : last;
    // One row more than the limit shows if there are more.
    TRY_ASSIGN(auto found, ask(filter, {0, std::min(end, last)}, "DESC", limit + 1));
    FindingList list{std::move(found), std::nullopt, CursorRow::cursor(last)};
    if (list.findings.size() > limit) {
        list.findings.resize(limit);
        list.before = list.findings.back().cursor;
    }
    return list;
}

Result<FindingPage> FindingReader::after(const FindingFilter& filter, Cursor after,
                                         std::size_t limit) {
    TRY_ASSIGN(const auto last, last_row());
    if (CursorRow::row(after) > last)
        return fail(ErrorKind::data, "the cursor is newer than all findings: an older state of "
                                     "the database was restored");
    // Rows committed since then are for the next page, so that `next` is exact.
    TRY_ASSIGN(auto found, ask(filter, {CursorRow::row(after), last}, "ASC", limit + 1));
    FindingPage page{std::move(found), CursorRow::cursor(last), false};
    if (page.findings.size() > limit) {
        page.findings.resize(limit);
        page.next = page.findings.back().cursor;
        page.more = true;
    }
    return page;
}

Result<std::vector<FindingSummary>> FindingReader::ask(const FindingFilter& filter, Range range,
                                                       std::string_view order, std::size_t limit) {
    TRY_ASSIGN(range, narrow(filter, range));
    Conditions conditions = conditions_of(filter);
    conditions.add("f.row > {}", range.after).add("f.row <= {}", range.last);
    const std::string where = conditions.where();
    const std::string sql = by_row(
        summary_columns, fmt::format("{} ORDER BY f.row {} LIMIT {}", where, order,
                                     conditions.parameter(static_cast<std::int64_t>(limit))));
    TRY_ASSIGN(const auto statement, connection_->prepare(sql, Connection::Use::once));
    conditions.bind(*statement);
    return read_all(*statement, read_summary);
}

Result<MatchCount> FindingReader::count(const FindingFilter& filter) {
    TRY_ASSIGN(const auto last, last_row());
    TRY_ASSIGN(const auto range, narrow(filter, {0, last}));
    Conditions conditions = conditions_of(filter);
    conditions.add("f.row > {}", range.after).add("f.row <= {}", range.last);
    return count_rows(*connection_, "findings f", conditions);
}

Result<FindingReader::Range> FindingReader::narrow(const FindingFilter& filter, Range range) {
    if (!filter.since && !filter.until) return range;
    change_range_->bind(filter.since ? filter.since->ns : INT64_MIN,
                        filter.until ? filter.until->ns : INT64_MAX);
    TRY(change_range_->step());
    // Rows after `indexed` are not in the index: scan them.
    const std::int64_t indexed = change_range_->integer(2);
    const bool is_empty = change_range_->is_null(0);
    range.after = std::max(range.after, is_empty ? indexed : change_range_->integer(0) - 1);
    if (range.last <= indexed)
        range.last = is_empty ? range.after : std::min(range.last, change_range_->integer(1));
    change_range_->reset();
    return range;
}

Result<std::vector<StoredFinding>> FindingReader::whole_after(Cursor after, std::size_t limit) {
    return read_all(whole_->bind(CursorRow::row(after), limit), read_finding);
}

Result<std::optional<StoredFinding>> FindingReader::at(Cursor cursor) {
    return read_first(at_->bind(CursorRow::row(cursor)), read_finding);
}

Result<std::vector<StoredFinding>> FindingReader::find(const FindingIdPrefix& id,
                                                       std::size_t limit) {
    const FindingId lowest = id.lowest();
    const FindingId highest = id.highest();
    return read_all(find_->bind(lowest, highest, limit), read_finding);
}

Result<std::vector<FindingSummary>> FindingReader::history(const CurvePublicKey& agent,
                                                           const FindingId& id, std::size_t limit) {
    return read_all(history_->bind(id, id, agent, limit), read_summary);
}

Result<std::optional<StoredFinding>> FindingReader::find_version(const CurvePublicKey& agent,
                                                                 const FindingId& id,
                                                                 std::uint32_t version) {
    return read_first(version_->bind(id, id, agent, version), read_finding);
}

Result<std::optional<wire::RuleSet>> FindingReader::rule_set(const Digest& digest) {
    return read_first(rule_set_->bind(digest), read_rule_set);
}

} // namespace minewarden::collector::sql
