// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/counter_table.h"
#include "collector/store/store_status.h"

namespace minewarden::collector::sql {

/// The amount and age of stored data. One thread at a time.
class StatusReader {
  public:
    /// `size_query`: SQL for the size of the database on disk, in bytes. `connection` outlives the
    /// reader.
    static Result<StatusReader> open(Connection& connection, std::string_view size_query);

    Result<StoreStatus> status();
    /// The position of a follower.
    Result<std::optional<Cursor>> follower_position(std::string_view follower);

  private:
    explicit StatusReader(CounterTable counters) : counters_(std::move(counters)) {}

    CounterTable counters_;
    StatementPtr size_, open_visibility_, mismatched_, follower_;
    std::array<StatementPtr, data_classes> oldest_;
};

} // namespace minewarden::collector::sql
