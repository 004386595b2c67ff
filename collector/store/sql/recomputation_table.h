// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/recomputation.h"
#include "collector/store/sql/statements.h"

#include <span>

namespace minewarden::collector::sql {

/// Recomputed results, and the position of their follower. Within a transaction.
class RecomputationTable {
  public:
    static Result<RecomputationTable> open(Connection& connection);

    /// Replaces an earlier result. Drops the result of a deleted finding.
    Result<void> put(std::span<const RecomputedFinding> recomputed);
    /// As UnitOfWork::advance.
    Result<bool> advance(std::string_view follower, std::optional<Cursor> from, Cursor to);

  private:
    StatementPtr put_, position_, move_;
};

/// Reads result, made_ns and detail, starting at `column`; nullopt if they are NULL or damaged.
[[nodiscard]] std::optional<Recomputation> read_recomputation(const Statement& row, int column);

} // namespace minewarden::collector::sql
