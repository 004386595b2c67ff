// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/arrivals.h"
#include "collector/store/stored.h"
#include "common/result.h"

#include <span>

namespace minewarden::collector {

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
    Cursor last_finding = 0;      ///< of the store, after this commit
};

/// Everything the collector keeps.
///
/// Exactly once: a record is known by (agent key, stream, sequence). The position of a stream moves
/// in the same transaction that stores its records, so after any crash a record is either wholly
/// there and acknowledged as such, or not there and will be sent again.
///
/// Findings are never changed: each version is a row of its own, and the one committed last is the
/// current one.
///
/// Threads: one thread commits; any thread may ask.
class Store {
  public:
    virtual ~Store() = default;

    /// Stores all arrivals, in order, in one durable transaction, or none of them. The error is of
    /// kind `unavailable` when trying again later may help (disk full).
    virtual Result<Outcome> commit(std::span<const Arrival> arrivals, WallTime now) = 0;

    virtual Result<FindingPage> findings(const FindingFilter& filter) = 0;
    /// The current versions of the findings whose id begins so, at most `limit`. More than one is
    /// possible also for a whole id, since agents choose ids: then each is another agent's.
    virtual Result<std::vector<StoredFinding>> find(const FindingIdPrefix& id,
                                                    std::size_t limit) = 0;
    /// All versions, newest first, at most `limit`.
    virtual Result<std::vector<StoredFinding>> history(const CurvePublicKey& agent,
                                                       const FindingId& id, std::size_t limit) = 0;
    /// By name.
    virtual Result<std::vector<StoredAgent>> agents() = 0;
    virtual Result<GapPage> gaps(const GapFilter& filter) = 0;
    /// In the order in which they opened.
    virtual Result<VisibilityPage> visibility(const VisibilityFilter& filter) = 0;
    /// The version committed at this place, if there is one. Does not wait for other questions.
    virtual Result<std::optional<StoredFinding>> finding_at(Cursor cursor) = 0;
    /// Keeps what came of making verdicts again, beside their findings. Any thread may; it waits
    /// for a commit and a commit for it.
    virtual Result<void> put_recomputations(std::span<const RecomputedFinding> recomputed) = 0;
    /// The rules that some agent judged by.
    virtual Result<std::optional<wire::RuleSet>> rule_set(const Digest& digest) = 0;
    /// Fails when the store cannot be read.
    virtual Result<StoreStatus> status() = 0;
};

} // namespace minewarden::collector
