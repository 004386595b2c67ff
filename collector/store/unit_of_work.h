// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"
#include "collector/store/recomputation.h"
#include "collector/store/retention.h"

namespace minewarden::collector {

/// One transaction that checks, writes and appends: what is done through it becomes visible and
/// durable together, or not at all. There is one unit of work at a time in a database, whichever
/// collector has it: row numbers are given in the order of commits, and what a unit reads holds
/// until it ends. So keep it short, and wait for nothing in it.
///
/// Threads: a unit belongs to the thread that began it. Ending it without commit() undoes it.
class UnitOfWork {
  public:
    virtual ~UnitOfWork() = default;

    /// Stores what agents sent. `last_finding` of the outcome holds once the unit is committed.
    virtual Result<Outcome> take(std::span<const Arrival> arrivals, WallTime now) = 0;
    /// Keeps the results of recomputing beside their findings; one that is there is replaced.
    virtual Result<void> put(std::span<const RecomputedFinding> recomputed) = 0;
    /// Moves a follower of the findings from the position it read to the next one. False if it is
    /// not at `from` any more: another collector did its work, and this unit is to be dropped.
    virtual Result<bool> advance(std::string_view follower, std::optional<Cursor> from,
                                 Cursor to) = 0;
    /// Deletes a small batch of what the policy does not keep.
    virtual Result<RetentionStep> remove_expired(const RetentionPolicy& policy,
                                                 RetentionProgress& progress, WallTime now) = 0;

    /// Durable when it returns. After an error nothing was stored, or (kind unavailable, database
    /// away) it is unknown: what the unit checked must be checked again.
    virtual Result<void> commit() = 0;
};

} // namespace minewarden::collector
