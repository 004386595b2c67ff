// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"
#include "collector/store/sql/agent_book.h"

namespace minewarden::collector::sql {

/// The collectors that write to this database, and the agents that each one watches. Within a
/// transaction.
class CollectorTable {
  public:
    /// `is_shared`: other collectors may run at the same time.
    static Result<CollectorTable> open(Connection& connection, const CollectorId& self,
                                       bool is_shared);

    /// Creates the row of this collector if it is missing. Returns it.
    Result<std::int64_t> self();
    Result<WatchReport> watch(const WatchArrival& arrival, AgentBook& agents);
    void forget() { row_.reset(); }

  private:
    CollectorId self_;
    bool is_shared_ = false;
    std::optional<std::int64_t> row_;
    StatementPtr find_, insert_, beat_, others_, remove_, agents_of_;
};

} // namespace minewarden::collector::sql
