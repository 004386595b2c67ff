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

/// Everything the collector keeps, by concern; what needs one concern takes that interface. Two
/// implementations: one SQLite file (sqlite/), or a PostgreSQL database that several collectors
/// share (postgres/). Both behave the same and are tested by the same tests.
///
/// Threads: any thread may call anything. Questions run beside each other and beside a unit of
/// work; units of work wait for each other.
class Store : public IntakeStore,
              public FindingQueries,
              public FleetQueries,
              public RecomputeStore {
  public:
    /// Waits for the unit of work before.
    virtual Result<std::unique_ptr<UnitOfWork>> begin() = 0;
    /// One unit of work.
    Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime now) override;

    /// Fails when the store cannot be read.
    virtual Result<StoreStatus> status() = 0;
    /// Does not ask the database.
    [[nodiscard]] virtual ConnectionCounters connection() const = 0;
    /// Gives room that deleted rows left back to the file system, a small part at a time. True if
    /// there is more. PostgreSQL does that by itself.
    virtual Result<bool> give_space_back() = 0;
    /// The collector ends: what waits for a database server gives up after this time.
    virtual void finish_within(std::chrono::milliseconds time) = 0;
};

} // namespace minewarden::collector
