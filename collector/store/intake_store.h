// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/arrivals.h"
#include "collector/store/cursor.h"
#include "common/result.h"

#include <chrono>
#include <span>

namespace minewarden::collector {

/// An agent whose silence this collector has to notice.
struct WatchedAgent {
    CurvePublicKey key;
    std::chrono::nanoseconds heartbeat_interval{}; ///< as it says; 0: it does not say
    std::optional<VisibilityReason> absence = {};  ///< silent or stopped, while that lasts
};

/// Another collector over the same database, at the time of a WatchArrival.
struct OtherCollector {
    CollectorId id;
    std::uint64_t beats = 0; ///< grows while it runs
};

/// What a WatchArrival brought.
struct WatchReport {
    std::vector<WatchedAgent> adopted; ///< agents of collectors that are gone
    std::vector<OtherCollector> others;
};

/// What one commit did.
struct Outcome {
    /// One for each arrival: the last committed sequence of its stream after it. 0 for those that
    /// have no stream, and for a delivery to one that was never opened, of which nothing is
    /// stored.
    std::vector<std::uint64_t> positions;
    std::uint64_t findings = 0;
    std::uint64_t rule_sets = 0;
    std::uint64_t gaps = 0;
    std::uint64_t rejected = 0;   ///< RejectedRecord
    std::uint64_t duplicates = 0; ///< records that were committed before
    std::uint64_t visibility = 0; ///< visibility records opened or closed
    Cursor last_finding;          ///< of the store, after this commit
    /// Agents of AbsenceArrivals whose record opened as silent.
    std::vector<CurvePublicKey> silent;
    /// Agents of AbsenceArrivals that another collector heard last: nothing was stored of those.
    std::vector<CurvePublicKey> moved;
    std::optional<WatchReport> watch = {};
};

/// Where the intake puts what agents send.
///
/// Exactly once: a record is known by (agent key, stream, sequence). The position of a stream moves
/// in the same transaction that stores its records, so after any crash a record is either wholly
/// there and acknowledged as such, or not there and will be sent again. This also holds when the
/// outcome of a commit is unknown because the connection to the database broke: the commit fails
/// with kind `unavailable`, is tried again, and the position shows what was stored.
///
/// Findings are never changed: each version is a row of its own, and the one committed last is the
/// current one.
class IntakeStore {
  public:
    virtual ~IntakeStore() = default;

    /// Stores all arrivals, in order, in one durable transaction, or none of them. The error is of
    /// kind `unavailable` when trying again later may help (disk full, database away). Any thread;
    /// transactions wait for each other.
    virtual Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime now) = 0;
    /// Whether other collectors may write to the same database.
    [[nodiscard]] virtual bool is_shared() const = 0;
};

} // namespace minewarden::collector
