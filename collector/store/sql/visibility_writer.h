// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"
#include "collector/store/sql/agent_book.h"

namespace minewarden::collector::sql {

/// Stores heartbeats. Opens and closes visibility records after heartbeats and their absence.
/// Within a transaction.
class VisibilityWriter {
  public:
    /// `counters` outlives the writer.
    static Result<VisibilityWriter> open(Connection& connection, CounterTable& counters);

    /// Ends the agent's absence. Opens and closes records of its capabilities.
    Result<void> heard(KnownAgent& agent, const HeartbeatArrival& heartbeat, WallTime now,
                       Outcome& outcome);
    Result<void> absent(KnownAgent& agent, VisibilityReason reason, WallTime now, Outcome& outcome);
    Result<void> quota(KnownAgent& agent, bool is_over, WallTime now, Outcome& outcome);
    Result<void> revoked(KnownAgent& agent, WallTime now, Outcome& outcome);

  private:
    explicit VisibilityWriter(CounterTable& counters) : counters_(&counters) {}

    /// Reads the open records of an agent unless they are cached.
    Result<OpenRecords*> open_records(KnownAgent& agent);
    Result<void> note_problems(KnownAgent& agent, const std::vector<CapabilityProblem>& problems,
                               WallTime now, Outcome& outcome);

    CounterTable* counters_;
    StatementPtr put_heartbeat_, find_open_, open_absence_, end_absence_, end_all_;
    StatementPtr open_quota_, end_quota_;
    StatementPtr open_problem_, end_problem_;
};

} // namespace minewarden::collector::sql
