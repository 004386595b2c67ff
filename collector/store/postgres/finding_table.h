// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/postgres/copy_buffer.h"
#include "collector/store/postgres/database.h"
#include "collector/store/sql/finding_table.h"

namespace minewarden::collector::postgres {

/// Collects the versions of a unit and writes them with COPY.
class FindingTable final : public sql::FindingTable {
  public:
    /// `connection` outlives the table.
    static Result<std::unique_ptr<sql::FindingTable>> open(Connection& connection);

    Result<void> add(const sql::NewFinding& finding) override;
    Result<void> flush() override;
    Result<void> remove(std::int64_t row, const FindingId& id, WallTime changed_at) override;
    void forget() override;

  private:
    explicit FindingTable(Connection& connection) : connection_(&connection) {}

    Connection* connection_;
    CopyBuffer findings_{12};
    CopyBuffer bytes_{3};
    std::string may_supersede_; ///< rows, separated by commas
    std::unique_ptr<sql::Statement> supersede_, remove_, remove_bytes_;
};

} // namespace minewarden::collector::postgres
