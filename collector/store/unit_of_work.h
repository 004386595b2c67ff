// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"
#include "collector/store/recomputation.h"
#include "collector/store/retention.h"

namespace minewarden::collector {

/// One transaction that checks, writes and appends. All of its changes become visible and durable
/// together, or none. A database has one unit of work at a time, of whichever collector: row
/// numbers follow the order of commits, and what a unit reads does not change until it ends. So
/// keep it short, and do not wait in it.
///
/// Threads: a unit belongs to the thread that began it. Its destructor rolls back without commit().
class UnitOfWork {
  public:
    virtual ~UnitOfWork() = default;

    /// Stores what agents sent. `last_finding` of the outcome is valid after the commit.
    virtual Result<Outcome> take(std::span<const Arrival> arrivals, WallTime now) = 0;
    /// Stores recomputed results for their findings. Replaces earlier results.
    virtual Result<void> put(std::span<const RecomputedFinding> recomputed) = 0;
    /// Moves a follower of the findings from the position that it read to the next one. False if it
    /// is no longer at `from`: another collector did the work, and this unit must be dropped.
    virtual Result<bool> advance(std::string_view follower, std::optional<Cursor> from,
                                 Cursor to) = 0;
    /// Deletes a small batch of expired data.
    virtual Result<RetentionStep> remove_expired(const RetentionPolicy& policy,
                                                 RetentionProgress& progress, WallTime now) = 0;

    /// Durable when it returns. After an error nothing was stored, or (kind unavailable, connection
    /// lost) the outcome is unknown: repeat the checks of the unit.
    virtual Result<void> commit() = 0;
};

} // namespace minewarden::collector
