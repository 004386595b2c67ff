// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/recomputation.h"
#include "collector/store/sql/statements.h"

#include <span>

namespace minewarden::collector::sql {

/// The results of recomputing, and how far their follower has got. Within a transaction.
class RecomputationTable {
  public:
    static Result<RecomputationTable> open(Connection& connection);

    /// One that is there is replaced; one of a finding that was deleted is dropped.
    Result<void> put(std::span<const RecomputedFinding> recomputed);
    /// As UnitOfWork::advance.
    Result<bool> advance(std::string_view follower, std::optional<Cursor> from, Cursor to);

  private:
    StatementPtr put_, position_, move_;
};

/// The columns result, made_ns, detail beginning at `column`; nullopt where they are NULL or
/// damaged.
[[nodiscard]] std::optional<Recomputation> read_recomputation(const Statement& row, int column);

} // namespace minewarden::collector::sql
