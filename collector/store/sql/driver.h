// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/database.h"
#include "collector/store/sql/finding_table.h"
#include "collector/store/store_status.h"

namespace minewarden::collector::sql {

/// A kind of database. Any thread may call it.
class Driver {
  public:
    virtual ~Driver() = default;

    /// Opens a connection to a database that has our tables in this version. Errors: `config` for
    /// another database or version, `unavailable` while it cannot be reached.
    virtual Result<std::unique_ptr<Connection>> connect_to_write() = 0;
    virtual Result<std::unique_ptr<Connection>> connect_to_read() = 0;

    virtual Result<std::unique_ptr<FindingTable>> open_finding_table(Connection& connection) = 0;
    /// SQL for the size of the database on disk, in bytes.
    [[nodiscard]] virtual std::string_view size_query() const = 0;
    /// True if other collectors may write to the database.
    [[nodiscard]] virtual bool is_shared() const = 0;
    [[nodiscard]] virtual ConnectionCounters counters() const = 0;
    /// As Store::give_space_back, over a connection that writes.
    virtual Result<bool> give_space_back(Connection& connection) = 0;
    /// As Store::finish_within.
    virtual void finish_within(std::chrono::milliseconds time) = 0;
};

} // namespace minewarden::collector::sql
