// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/finding_table.h"
#include "collector/store/sqlite/finding_index.h"

namespace minewarden::collector::sqlite {

/// Writes each version immediately, with prepared statements.
class FindingTable final : public sql::FindingTable {
  public:
    /// `connection` outlives the table.
    static Result<std::unique_ptr<sql::FindingTable>> open(sql::Connection& connection);

    Result<void> add(const sql::NewFinding& finding) override;
    Result<void> flush() override;
    Result<void> remove(std::int64_t row, const FindingId& id, WallTime changed_at) override;
    void forget() override { index_.reset(); }

  private:
    explicit FindingTable(sql::Connection& connection) : connection_(&connection) {}

    Result<FindingIndex*> index();

    sql::Connection* connection_;
    std::optional<FindingIndex> index_; ///< loaded on first use
    sql::StatementPtr put_, put_bytes_, supersede_, remove_, remove_bytes_;
};

} // namespace minewarden::collector::sqlite
