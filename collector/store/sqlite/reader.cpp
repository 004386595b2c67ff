// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/reader.h"

#include "collector/store/sqlite/recomputations.h"
#include "collector/store/sqlite/statements.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::collector::sqlite {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// How many virtual machine steps pass between two looks at the clock.
constexpr int steps_per_look = 10000;

/// A question for findings, with the columns that read_finding takes. CROSS JOIN fixes the order of
/// the loops: `source` (which names findings f) is searched, the rest is looked up by row.
std::string ask_findings(std::string_view source, std::string_view condition) {
    return fmt::format(
        "SELECT f.row, a.key, a.name, s.id, f.sequence, f.received_ns, f.superseded, b.bytes, "
        "rc.result, rc.made_ns, rc.detail "
        "FROM {} CROSS JOIN streams s ON s.row = f.stream CROSS JOIN agents a ON a.row = s.agent "
        "CROSS JOIN finding_bytes b ON b.row = f.row "
        "LEFT JOIN recomputations rc ON rc.finding = f.row WHERE {}",
        source, condition);
}

constexpr auto finding_conditions =
    "f.row > ?1 AND f.row <= ?2 "
    "AND (?3 IS NULL OR f.changed_ns >= ?3) AND (?4 IS NULL OR f.changed_ns < ?4) "
    // '/' is the character after '.': this is Activity::is_under.
    "AND (?5 IS NULL OR f.activity = ?5 "
    "     OR (f.activity >= ?5 || '.' AND f.activity < ?5 || '/')) "
    "AND f.certainty >= ?6 AND (?7 IS NULL OR f.state = ?7) AND (?8 IS NULL OR a.key = ?8) "
    "AND (?9 = 0 OR f.superseded = 0) "
    "AND (?11 = 0 OR f.row IN (SELECT finding FROM recomputations WHERE result = 2)) "
    "ORDER BY f.row LIMIT ?10"sv;

/// Rows of an id: those in the index and those still in the tail (see schema.cpp).
const auto rows_of_ids =
    "WITH rows(row) AS (SELECT row FROM finding_ids WHERE finding_id BETWEEN ?1 AND ?2 "
    "UNION ALL SELECT row FROM findings "
    "WHERE row > (SELECT row FROM finding_index_progress) AND finding_id BETWEEN ?1 AND ?2) "s;
constexpr auto by_rows = "rows r CROSS JOIN findings f ON f.row = r.row"sv;

constexpr auto gaps_sql =
    "SELECT g.row, a.key, a.name, s.id, g.place, g.lost, g.first_sequence, g.last_sequence, "
    "g.from_ns, g.until_ns, g.received_ns, g.detail FROM gaps g "
    "CROSS JOIN streams s ON s.row = g.stream CROSS JOIN agents a ON a.row = s.agent "
    "WHERE g.row > ?1 AND g.row <= ?2 AND (?3 IS NULL OR g.received_ns >= ?3) "
    "AND (?4 IS NULL OR g.received_ns < ?4) AND (?5 IS NULL OR a.key = ?5) "
    "ORDER BY g.row LIMIT ?6"sv;

constexpr auto visibility_sql =
    "SELECT v.row, a.key, a.name, a.host_name, v.reason, v.place, v.since_ns, v.until_ns, "
    "v.ended_by, v.detail FROM visibility v CROSS JOIN agents a ON a.row = v.agent "
    "WHERE v.row > ?1 AND v.row <= ?2 AND (?3 IS NULL OR (v.until_ns IS NULL) = ?3) "
    "AND (?4 IS NULL OR v.until_ns IS NULL OR v.until_ns >= ?4) AND (?5 IS NULL OR a.key = ?5) "
    "ORDER BY v.row LIMIT ?6"sv;

/// The same through the small index of open ones, however many there were in all the years.
constexpr auto open_visibility_sql =
    "SELECT v.row, a.key, a.name, a.host_name, v.reason, v.place, v.since_ns, v.until_ns, "
    "v.ended_by, v.detail FROM visibility v INDEXED BY visibility_open "
    "CROSS JOIN agents a ON a.row = v.agent WHERE v.until_ns IS NULL "
    "AND v.row > ?1 AND v.row <= ?2 AND (?3 IS NULL OR a.key = ?3) ORDER BY v.row LIMIT ?4"sv;

Error damaged(std::string_view what) {
    return {ErrorKind::data, "the database is damaged: " + std::string(what)};
}

/// Every row passed the checks of the intake, so a failure here is damage.
Result<StoredFinding> read_finding(const Statement& row) {
    StoredFinding found;
    const auto agent = CurvePublicKey::from(row.blob(1));
    const auto stream = StreamId::from(row.blob(3));
    const ByteView bytes = row.blob(7);
    if (!agent || !stream ||
        !found.finding.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return fail(damaged("a finding cannot be read"));
    found.cursor = static_cast<Cursor>(row.integer(0));
    found.agent = *agent;
    found.agent_name = row.text(2);
    found.stream = *stream;
    found.sequence = static_cast<std::uint64_t>(row.integer(4));
    found.received_at = {row.integer(5)};
    found.current = row.integer(6) == 0;
    found.recomputation = read_recomputation(row, 8);
    return found;
}

Result<StoredAgent> read_agent(const Statement& row) {
    StoredAgent found;
    const auto key = CurvePublicKey::from(row.blob(0));
    const ByteView bytes = row.blob(7);
    if (!key || !found.heartbeat.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
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
    found.cursor = static_cast<Cursor>(row.integer(0));
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
    found.cursor = static_cast<Cursor>(row.integer(0));
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

/// All rows of a statement.
template <class Row>
Result<std::vector<Row>> read_all(Statement& statement, Result<Row> (*read)(const Statement&)) {
    std::vector<Row> rows;
    for (;;) {
        TRY_ASSIGN(const auto step, statement.step());
        if (!step) break;
        auto row = read(statement);
        if (!row) {
            statement.reset();
            return fail(std::move(row).error());
        }
        rows.push_back(std::move(*row));
    }
    statement.reset();
    return rows;
}

/// The only row of an aggregate, or nullopt where it is NULL.
Result<std::optional<std::int64_t>> read_number(Statement& statement) {
    TRY_ASSIGN(const auto step, statement.step());
    const auto value =
        step && !statement.is_null(0) ? std::optional(statement.integer(0)) : std::nullopt;
    statement.reset();
    return value;
}

std::optional<std::int64_t> ns_of(const std::optional<WallTime>& time) {
    return time ? std::optional(time->ns) : std::nullopt;
}

std::int64_t exclusive(Cursor after) {
    return static_cast<std::int64_t>(std::min<Cursor>(after, INT64_MAX));
}

/// One row more than the limit was asked for, to know whether there are more.
template <class Row>
void cut(std::vector<Row>& rows, std::size_t limit, Cursor& next, bool& more) {
    more = rows.size() > limit;
    if (!more) return;
    rows.resize(limit);
    next = rows.back().cursor;
}

} // namespace

Result<std::unique_ptr<Reader>> Reader::open(Connection connection) {
    std::unique_ptr<Reader> reader(new Reader(std::move(connection)));
    TRY(reader->prepare());
    return reader;
}

Result<void> Reader::prepare() {
    const auto is_late = [](void* self) {
        return static_cast<int>(std::chrono::steady_clock::now() >
                                static_cast<Reader*>(self)->deadline_);
    };
    sqlite3_progress_handler(connection_.handle(), steps_per_look, is_late, this);
    start_question();
    return prepare_all(
        connection_,
        {{&sql_.last_finding, "SELECT max(row) FROM findings"},
         {&sql_.change_range, "SELECT min(row), max(row), (SELECT row FROM finding_index_progress) "
                              "FROM finding_changes WHERE changed_ns >= ?1 AND changed_ns < ?2"},
         {&sql_.findings, ask_findings("findings f NOT INDEXED", finding_conditions)},
         {&sql_.find, rows_of_ids + ask_findings(by_rows, "f.superseded = 0 "
                                                          "ORDER BY f.row LIMIT ?3")},
         {&sql_.history, rows_of_ids + ask_findings(by_rows, "a.key = ?3 "
                                                             "ORDER BY f.row DESC LIMIT ?4")},
         {&sql_.agents, "SELECT a.key, a.name, a.host_name, a.version, a.first_seen_ns, "
                        "a.last_seen_ns, h.received_ns, h.bytes FROM agents a "
                        "LEFT JOIN heartbeats h ON h.agent = a.row ORDER BY a.name, a.key"},
         {&sql_.last_gap, "SELECT max(row) FROM gaps"},
         {&sql_.gaps, gaps_sql},
         {&sql_.last_visibility, "SELECT max(row) FROM visibility"},
         {&sql_.visibility, visibility_sql},
         {&sql_.open_visibility, open_visibility_sql},
         {&sql_.count_open, "SELECT count(*) FROM visibility INDEXED BY visibility_open "
                            "WHERE until_ns IS NULL"},
         {&sql_.rule_set, "SELECT bytes FROM rule_sets WHERE digest = ?1"},
         {&sql_.mismatched, "SELECT count(*) FROM recomputations WHERE result = 2"},
         {&sql_.size, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"}});
}

void Reader::start_question() {
    deadline_ = std::chrono::steady_clock::now() + patience;
}

Result<FindingPage> Reader::findings(const FindingFilter& filter) {
    start_question();
    TRY_ASSIGN(const auto newest, read_number(sql_.last_finding));
    // Later rows are the next page's, so that `next` is true of all that was looked at.
    const std::int64_t end = newest.value_or(0);
    std::int64_t first = exclusive(filter.after);
    std::int64_t last = end;
    if (filter.since || filter.until) {
        TRY(narrow(filter, first, last));
    }
    const auto activity =
        filter.activity.empty() ? std::nullopt : std::optional(std::string_view(filter.activity));
    const auto state =
        filter.state ? std::optional(static_cast<std::int64_t>(*filter.state)) : std::nullopt;
    sql_.findings.bind(first, last, ns_of(filter.since), ns_of(filter.until), activity,
                       static_cast<int>(filter.certainty), state, filter.agent,
                       filter.current_only ? 1 : 0, filter.limit + 1,
                       filter.mismatched_only ? 1 : 0);
    TRY_ASSIGN(auto found, read_all(sql_.findings, read_finding));
    FindingPage page{std::move(found), std::max(filter.after, static_cast<Cursor>(end)), false};
    cut(page.findings, filter.limit, page.next, page.more);
    return page;
}

Result<void> Reader::narrow(const FindingFilter& filter, std::int64_t& first, std::int64_t& last) {
    auto& range = sql_.change_range.bind(filter.since ? filter.since->ns : INT64_MIN,
                                         filter.until ? filter.until->ns : INT64_MAX);
    TRY(range.step());
    // Those after `indexed` are not in the index and have to be looked at.
    const std::int64_t indexed = range.integer(2);
    first = std::max(first, range.is_null(0) ? indexed : range.integer(0) - 1);
    if (last <= indexed) last = range.is_null(1) ? first : std::min(last, range.integer(1));
    range.reset();
    return {};
}

Result<std::vector<StoredFinding>> Reader::find(const FindingIdPrefix& id, std::size_t limit) {
    start_question();
    const FindingId lowest = id.lowest();
    const FindingId highest = id.highest();
    return read_all(sql_.find.bind(lowest, highest, limit), read_finding);
}

Result<std::vector<StoredFinding>> Reader::history(const CurvePublicKey& agent, const FindingId& id,
                                                   std::size_t limit) {
    start_question();
    return read_all(sql_.history.bind(id, id, agent, limit), read_finding);
}

Result<std::vector<StoredAgent>> Reader::agents() {
    start_question();
    return read_all(sql_.agents, read_agent);
}

Result<GapPage> Reader::gaps(const GapFilter& filter) {
    start_question();
    TRY_ASSIGN(const auto newest, read_number(sql_.last_gap));
    const std::int64_t end = newest.value_or(0);
    sql_.gaps.bind(exclusive(filter.after), end, ns_of(filter.since), ns_of(filter.until),
                   filter.agent, filter.limit + 1);
    TRY_ASSIGN(auto found, read_all(sql_.gaps, read_gap));
    GapPage page{std::move(found), std::max(filter.after, static_cast<Cursor>(end)), false};
    cut(page.gaps, filter.limit, page.next, page.more);
    return page;
}

Result<VisibilityPage> Reader::visibility(const VisibilityFilter& filter) {
    start_question();
    TRY_ASSIGN(const auto newest, read_number(sql_.last_visibility));
    const std::int64_t end = newest.value_or(0);
    const std::int64_t after = exclusive(filter.after);
    const bool only_open = filter.open.value_or(false);
    Statement& ask =
        only_open ? sql_.open_visibility.bind(after, end, filter.agent, filter.limit + 1)
                  : sql_.visibility.bind(after, end, filter.open ? std::optional(0) : std::nullopt,
                                         ns_of(filter.since), filter.agent, filter.limit + 1);
    TRY_ASSIGN(auto found, read_all(ask, read_visibility));
    VisibilityPage page{std::move(found), std::max(filter.after, static_cast<Cursor>(end)), false};
    cut(page.records, filter.limit, page.next, page.more);
    return page;
}

Result<std::optional<wire::RuleSet>> Reader::rule_set(const Digest& digest) {
    start_question();
    TRY_ASSIGN(const auto row, sql_.rule_set.bind(digest).step());
    if (!row) return std::optional<wire::RuleSet>();
    const ByteView bytes = sql_.rule_set.blob(0);
    wire::RuleSet rules;
    const bool parsed = rules.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    sql_.rule_set.reset();
    if (!parsed) return fail(damaged("a rule set cannot be read"));
    return std::optional(std::move(rules));
}

Result<StoreStatus> Reader::status() {
    start_question();
    TRY_ASSIGN(const auto last, read_number(sql_.last_finding));
    TRY_ASSIGN(const auto version, connection_.number("PRAGMA user_version"));
    TRY_ASSIGN(const auto bytes, read_number(sql_.size));
    TRY_ASSIGN(const auto open, read_number(sql_.count_open));
    TRY_ASSIGN(const auto mismatched, read_number(sql_.mismatched));
    return StoreStatus{static_cast<int>(version), static_cast<Cursor>(last.value_or(0)),
                       static_cast<std::uint64_t>(bytes.value_or(0)),
                       static_cast<std::uint64_t>(open.value_or(0)),
                       static_cast<std::uint64_t>(mismatched.value_or(0))};
}

} // namespace minewarden::collector::sqlite
