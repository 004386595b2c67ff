// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/arrivals.h"
#include "common/result.h"

namespace minewarden::collector::sql {

/// A version of a finding to write.
struct NewFinding {
    std::int64_t row;
    std::int64_t agent;
    std::int64_t stream;
    std::uint64_t sequence;
    const FindingArrival* arrival; ///< lives until flush()
    WallTime received_at;
    /// A first version supersedes none unless its agent lost its state; then the agent has more
    /// than one stream.
    bool may_supersede;
};

/// Writes and removes versions of findings: the tables findings and finding_bytes and their
/// indexes. Each database has its own, because speed matters here. Within a transaction.
class FindingTable {
  public:
    virtual ~FindingTable() = default;

    /// Call in the order of rows. The write may wait for flush().
    virtual Result<void> add(const NewFinding& finding) = 0;
    /// Writes all added versions and marks the previous ones as superseded.
    virtual Result<void> flush() = 0;
    /// REQUIRES: the version is in the tables.
    virtual Result<void> remove(std::int64_t row, const FindingId& id, WallTime changed_at) = 0;
    /// Clears the cache: the transaction was rolled back, or another collector wrote.
    virtual void forget() = 0;
};

} // namespace minewarden::collector::sql
