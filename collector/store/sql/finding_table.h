// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/arrivals.h"
#include "common/result.h"

namespace minewarden::collector::sql {

/// A version of a finding to be written.
struct NewFinding {
    std::int64_t row;
    std::int64_t agent;
    std::int64_t stream;
    std::uint64_t sequence;
    const FindingArrival* arrival; ///< lives until flush()
    WallTime received_at;
    /// A first version has none before it unless its agent lost its state, and then the agent also
    /// has more than one stream.
    bool may_supersede;
};

/// How one database writes and removes versions of findings: the tables findings and finding_bytes,
/// with whatever indexes it keeps of them. The place where speed counts. Within a transaction.
class FindingTable {
  public:
    virtual ~FindingTable() = default;

    /// In the order of rows. It may wait for flush().
    virtual Result<void> add(const NewFinding& finding) = 0;
    /// All that was added is in the tables, and the versions before it are marked as superseded.
    virtual Result<void> flush() = 0;
    /// REQUIRES: the version is in the tables.
    virtual Result<void> remove(std::int64_t row, const FindingId& id, WallTime changed_at) = 0;
    /// The transaction was undone, or another collector wrote: what is in memory does not hold.
    virtual void forget() = 0;
};

} // namespace minewarden::collector::sql
