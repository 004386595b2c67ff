// SPDX-License-Identifier: Apache-2.0
#include "collector/store/postgres/finding_table.h"

#include "collector/store/sql/statements.h"

#include <fmt/core.h>

namespace minewarden::collector::postgres {
namespace {

constexpr auto copy_findings =
    "COPY findings (row, agent, stream, sequence, finding_id, version, state, certainty, activity, "
    "changed_ns, received_ns, superseded) FROM STDIN (FORMAT binary)";
constexpr auto copy_bytes = "COPY finding_bytes (row, head, record) FROM STDIN (FORMAT binary)";

} // namespace

Result<std::unique_ptr<sql::FindingTable>> FindingTable::open(Connection& connection) {
    std::unique_ptr<FindingTable> table(new FindingTable(connection));
    TRY(sql::prepare_all(
        connection,
        {// Each version supersedes the previous one, which may be of the same unit. Looks only for
         // that one: an agent may send thousands of versions of a finding.
         {&table->supersede_,
          "UPDATE findings old SET superseded = 1 "
          "FROM unnest(CAST(string_to_array(?1, ',') AS BIGINT[])) AS added (row) "
          "JOIN findings new ON new.row = added.row CROSS JOIN LATERAL "
          "(SELECT f.row FROM findings f WHERE f.finding_id = new.finding_id "
          "AND f.agent = new.agent AND f.row < new.row "
          "ORDER BY f.finding_id DESC, f.agent DESC, f.row DESC LIMIT 1) AS before "
          "WHERE old.row = before.row"},
         {&table->remove_, "DELETE FROM findings WHERE row = ?1"},
         {&table->remove_bytes_, "DELETE FROM finding_bytes WHERE row = ?1"}}));
    return std::unique_ptr<sql::FindingTable>(std::move(table));
}

Result<void> FindingTable::add(const sql::NewFinding& finding) {
    const FindingArrival& arrival = *finding.arrival;
    findings_.begin_row();
    findings_.add(finding.row);
    findings_.add(finding.agent);
    findings_.add(finding.stream);
    findings_.add(static_cast<std::int64_t>(finding.sequence));
    findings_.add(arrival.id.view());
    findings_.add(std::int64_t{arrival.version});
    findings_.add(static_cast<std::int64_t>(arrival.state));
    findings_.add(static_cast<std::int64_t>(arrival.certainty));
    findings_.add(std::string_view(arrival.activity));
    findings_.add(arrival.changed_at.ns);
    findings_.add(finding.received_at.ns);
    findings_.add(std::int64_t{0});
    bytes_.begin_row();
    bytes_.add(finding.row);
    bytes_.add(std::string_view(arrival.head));
    bytes_.add(arrival.record);
    if (finding.may_supersede)
        may_supersede_ += fmt::format("{}{}", may_supersede_.empty() ? "" : ",", finding.row);
    return {};
}

Result<void> FindingTable::flush() {
    if (!findings_.has_rows()) return {};
    TRY(connection_->link().copy_in(copy_findings, findings_.finish()));
    TRY(connection_->link().copy_in(copy_bytes, bytes_.finish()));
    if (!may_supersede_.empty()) {
        TRY(supersede_->bind(std::string_view(may_supersede_)).run());
    }
    forget();
    return {};
}

Result<void> FindingTable::remove(std::int64_t row, const FindingId&, WallTime) {
    TRY(remove_bytes_->bind(row).run());
    return remove_->bind(row).run();
}

void FindingTable::forget() {
    findings_.clear();
    bytes_.clear();
    may_supersede_.clear();
}

} // namespace minewarden::collector::postgres
