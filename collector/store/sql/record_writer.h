// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"
#include "collector/store/sql/finding_table.h"
#include "collector/store/sql/stream_book.h"

#include <map>

namespace minewarden::collector::sql {

/// Stores records of agents: findings, rule sets, gaps. Within a transaction.
class RecordWriter {
  public:
    /// All references outlive the writer.
    static Result<RecordWriter> open(Connection& connection, FindingTable& findings,
                                     CounterTable& counters);

    /// Stores the new records of a delivery. Advances the stream in memory.
    Result<void> store(KnownStream& stream, const Delivery& delivery, WallTime now,
                       Outcome& outcome);
    /// The agent cannot send records before `next`: those not stored are a gap.
    Result<void> skip_to(KnownStream& stream, std::uint64_t next, WallTime now, Outcome& outcome);
    /// An agent uses these rules.
    Result<void> use(const Digest& rules, WallTime now);
    void forget() { used_.clear(); }

  private:
    RecordWriter(FindingTable& findings, CounterTable& counters)
        : findings_(&findings), counters_(&counters) {}

    Result<void> store_record(KnownStream& stream, const Record& record, WallTime now,
                              Outcome& outcome);
    Result<void> store_rules(const RuleSetArrival& rules, WallTime now);
    Result<void> put_gap(KnownStream& stream, const GapArrival& gap,
                         std::optional<std::uint64_t> first, std::optional<std::uint64_t> last,
                         WallTime now);

    FindingTable* findings_;
    CounterTable* counters_;
    std::map<Digest, WallTime> used_; ///< used_ns of the table, as far as known
    StatementPtr find_rules_, put_rules_, use_rules_, put_gap_;
};

} // namespace minewarden::collector::sql
