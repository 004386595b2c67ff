// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"
#include "collector/store/sql/agent_book.h"

namespace minewarden::collector::sql {

/// The collectors that write to this database, and which agents each of them watches. Within a
/// transaction.
class CollectorTable {
  public:
    /// `is_shared`: other collectors may run now.
    static Result<CollectorTable> open(Connection& connection, const CollectorId& self,
                                       bool is_shared);

    /// The row of this collector, which is there afterwards.
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
