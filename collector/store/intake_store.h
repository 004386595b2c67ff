// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/arrivals.h"
#include "collector/store/cursor.h"
#include "common/result.h"

#include <chrono>
#include <span>

namespace minewarden::collector {

/// An agent that this collector watches for silence.
struct WatchedAgent {
    CurvePublicKey key;
    std::chrono::nanoseconds heartbeat_interval{}; ///< reported; 0: unknown
    std::optional<VisibilityReason> absence = {};  ///< silent or stopped, if it is absent
};

/// Another collector over the same database, at the time of a WatchArrival.
struct OtherCollector {
    CollectorId id;
    std::uint64_t beats = 0; ///< grows while it runs
};

/// The result of a WatchArrival.
struct WatchReport {
    std::vector<WatchedAgent> adopted; ///< agents of collectors that are gone
    std::vector<OtherCollector> others;
};

/// The result of one commit.
struct Outcome {
    /// For each arrival, the last committed sequence of its stream. 0 without a stream, and for a
    /// delivery to a stream that was never opened: nothing of it is stored.
    std::vector<std::uint64_t> positions;
    std::uint64_t findings = 0;
    std::uint64_t rule_sets = 0;
    std::uint64_t gaps = 0;
    std::uint64_t rejected = 0;   ///< RejectedRecord
    std::uint64_t duplicates = 0; ///< records that had been committed before
    std::uint64_t visibility = 0; ///< visibility records opened or closed
    Cursor last_finding;          ///< of the store, after this commit
    /// Agents of AbsenceArrivals whose visibility record opened as silent.
    std::vector<CurvePublicKey> silent;
    /// Agents of AbsenceArrivals that another collector heard last: nothing was stored for them.
    std::vector<CurvePublicKey> moved;
    std::optional<WatchReport> watch = {};
};

/// Stores what agents send.
///
/// Exactly once: (agent key, stream, sequence) identifies a record. The transaction that stores
/// records also moves the position of their stream. So after a crash a record is either stored and
/// gets acknowledged, or is not stored and will be sent again. If the connection to the database
/// breaks during a commit, its outcome is unknown: the commit fails with kind `unavailable`, is
/// retried, and the position shows what was stored.
///
/// Findings are never changed: each version has its own row, and the last committed one is current.
class IntakeStore {
  public:
    virtual ~IntakeStore() = default;

    /// Stores all arrivals, in order, in one durable transaction, or none of them. Errors:
    /// `unavailable` if a retry may succeed (disk full, database not reachable). Any thread;
    /// transactions run one at a time.
    virtual Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime now) = 0;
    /// Whether other collectors may write to the same database.
    [[nodiscard]] virtual bool is_shared() const = 0;
};

} // namespace minewarden::collector
