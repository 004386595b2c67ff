// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/collector_table.h"
#include "collector/store/sql/driver.h"
#include "collector/store/sql/recomputation_table.h"
#include "collector/store/sql/record_writer.h"
#include "collector/store/sql/sweeper.h"
#include "collector/store/sql/visibility_writer.h"

namespace minewarden::collector::sql {

/// The connection that writes, with caches of the tables that live longer than a unit of work. One
/// thread at a time. After an error in a unit, call roll_back().
class Writer {
  public:
    static Result<std::unique_ptr<Writer>> open(Driver& driver, const CollectorId& self);

    Result<void> begin();
    // During a unit of work, as in UnitOfWork:
    Result<Outcome> take(std::span<const Arrival> arrivals, WallTime now);
    Result<void> put(std::span<const RecomputedFinding> recomputed);
    Result<bool> advance(std::string_view follower, std::optional<Cursor> from, Cursor to);
    Result<RetentionStep> remove_expired(const RetentionPolicy& policy, RetentionProgress& progress,
                                         WallTime now);
    Result<void> commit();
    void roll_back();

    [[nodiscard]] bool is_lost() const { return connection_->is_lost(); }
    [[nodiscard]] Connection& connection() { return *connection_; }

  private:
    explicit Writer(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

    Result<void> prepare(Driver& driver, const CollectorId& self);
    void forget();

    using Position = Result<std::uint64_t>;
    Position apply(const Opening& opening, WallTime now, Outcome& outcome);
    Position apply(const Delivery& delivery, WallTime now, Outcome& outcome);
    Position apply(const HeartbeatArrival& heartbeat, WallTime now, Outcome& outcome);
    Position apply(const AbsenceArrival& absence, WallTime now, Outcome& outcome);
    Position apply(const QuotaArrival& quota, WallTime now, Outcome& outcome);
    Position apply(const RevocationArrival& revocation, WallTime now, Outcome& outcome);
    Position apply(const WatchArrival& watch, WallTime now, Outcome& outcome);

    std::unique_ptr<Connection> connection_;
    std::unique_ptr<FindingTable> findings_;
    std::optional<CounterTable> counters_;
    std::optional<AgentBook> agents_;
    std::optional<StreamBook> streams_;
    std::optional<CollectorTable> collectors_;
    std::optional<VisibilityWriter> visibility_;
    std::optional<RecordWriter> records_;
    std::optional<RecomputationTable> recomputations_;
    std::optional<Sweeper> sweeper_;
    bool has_written_ = false; ///< in this unit, so the caches have uncommitted data
    /// The number of units of work that the caches include. If the table has another number,
    /// another collector wrote.
    std::int64_t known_units_ = -1;
};

} // namespace minewarden::collector::sql
