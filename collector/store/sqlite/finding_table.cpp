// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sqlite/finding_table.h"

namespace minewarden::collector::sqlite {

Result<std::unique_ptr<sql::FindingTable>> FindingTable::open(sql::Connection& connection) {
    std::unique_ptr<FindingTable> table(new FindingTable(connection));
    TRY(sql::prepare_all(
        connection,
        {{&table->put_,
          "INSERT INTO findings (row, agent, stream, sequence, finding_id, version, state, "
          "certainty, activity, changed_ns, received_ns, superseded) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)"},
         {&table->put_bytes_, "INSERT INTO finding_bytes (row, head, record) VALUES (?1, ?2, ?3)"},
         {&table->supersede_, "UPDATE findings SET superseded = 1 WHERE row = ?1"},
         {&table->remove_, "DELETE FROM findings WHERE row = ?1"},
         {&table->remove_bytes_, "DELETE FROM finding_bytes WHERE row = ?1"}}));
    return std::unique_ptr<sql::FindingTable>(std::move(table));
}

Result<FindingIndex*> FindingTable::index() {
    if (!index_) {
        TRY_ASSIGN(index_, FindingIndex::open(*connection_));
    }
    return &*index_;
}

Result<void> FindingTable::add(const sql::NewFinding& finding) {
    // Before the insert: the index loads the rows that it does not have.
    TRY_ASSIGN(FindingIndex * index, this->index());
    const FindingArrival& arrival = *finding.arrival;
    put_->bind(finding.row, finding.agent, finding.stream, finding.sequence, arrival.id,
               arrival.version, static_cast<int>(arrival.state),
               static_cast<int>(arrival.certainty), arrival.activity, arrival.changed_at.ns,
               finding.received_at.ns);
    TRY(put_->run());
    TRY(put_bytes_->bind(finding.row, as_bytes(arrival.head), arrival.record).run());
    auto before = index->add(finding.agent, arrival.id, finding.row);
    if (!before && finding.may_supersede) {
        TRY_ASSIGN(before, index->find_indexed(finding.agent, arrival.id));
    }
    return before ? supersede_->bind(*before).run() : Result<void>();
}

Result<void> FindingTable::flush() {
    return index_ ? index_->move_if_due() : Result<void>();
}

Result<void> FindingTable::remove(std::int64_t row, const FindingId& id, WallTime changed_at) {
    TRY_ASSIGN(FindingIndex * index, this->index());
    TRY(index->remove(row, id, changed_at.ns));
    TRY(remove_bytes_->bind(row).run());
    return remove_->bind(row).run();
}

} // namespace minewarden::collector::sqlite
