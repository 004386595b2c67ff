// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/findings.h"
#include "collector/store/fleet.h"
#include "collector/store/intake_store.h"
#include "collector/store/recompute_store.h"
#include "collector/store/store_status.h"
#include "collector/store/unit_of_work.h"

#include <chrono>
#include <memory>

namespace minewarden::collector {

/// All data of the collector, one interface for each concern. Two implementations: an SQLite file
/// (sqlite/), or a PostgreSQL database that several collectors may share (postgres/). Both behave
/// the same and pass the same tests.
///
/// Threads: any thread may call any function. Queries run in parallel, also with a unit of work;
/// units of work run one at a time.
class Store : public IntakeStore,
              public FindingQueries,
              public FleetQueries,
              public RecomputeStore {
  public:
    /// Waits for the previous unit of work.
    virtual Result<std::unique_ptr<UnitOfWork>> begin() = 0;
    /// Commits in one unit of work.
    Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime now) override;

    /// Fails when the store cannot be read.
    virtual Result<StoreStatus> status() = 0;
    /// Does not access the database.
    [[nodiscard]] virtual ConnectionCounters connection() const = 0;
    /// Returns a small part of the space of deleted rows to the file system. True if there is more.
    /// PostgreSQL does that by itself.
    virtual Result<bool> give_space_back() = 0;
    /// The collector stops: waits for a database server end after this time.
    virtual void finish_within(std::chrono::milliseconds time) = 0;
};

} // namespace minewarden::collector
