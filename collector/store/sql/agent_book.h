// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/arrivals.h"
#include "collector/store/sql/counter_table.h"

#include <map>
#include <set>

namespace minewarden::collector::sql {

/// The open visibility records of an agent.
struct OpenRecords {
    bool is_absent = false; ///< silent or stopped
    bool is_over_quota = false;
    std::vector<CapabilityProblem> problems; ///< by capability
};

struct KnownAgent {
    std::int64_t row = 0;
    std::int64_t collector = 0;                   ///< row of the collector that heard it last
    std::optional<OpenRecords> open_records = {}; ///< nullopt: not read yet
};

/// The table agents, with a cache. Within a transaction.
class AgentBook {
  public:
    static Result<AgentBook> open(Connection& connection);

    /// nullptr if this agent never sent Hello. The pointer is valid until forget().
    Result<KnownAgent*> find(const CurvePublicKey& key);
    /// The agent sent Hello to the collector of this row.
    Result<KnownAgent*> greet(const Opening& opening, std::int64_t collector, WallTime now,
                              CounterTable& counters);
    /// This collector heard the agent last.
    Result<void> assign(KnownAgent& agent, std::int64_t collector);
    /// Moves all agents of a collector to another one.
    Result<void> reassign_all(std::int64_t from, std::int64_t to);
    void saw(std::int64_t agent) { seen_.insert(agent); }
    /// Writes when agents were seen.
    Result<void> flush(WallTime now);
    void forget();

  private:
    std::map<CurvePublicKey, KnownAgent> known_;
    std::set<std::int64_t> seen_; ///< in this transaction
    StatementPtr find_, insert_, update_, assign_, reassign_all_, saw_;
};

} // namespace minewarden::collector::sql
