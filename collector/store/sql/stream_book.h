// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sql/agent_book.h"

namespace minewarden::collector::sql {

struct KnownStream {
    std::int64_t row = 0;
    std::int64_t agent = 0;
    bool first_of_agent = false;
    std::uint64_t sequence = 0; ///< last one stored
    std::uint64_t kept = 0;     ///< findings and gaps added in this transaction
};

/// The table streams, with a cache. Within a transaction.
class StreamBook {
  public:
    static Result<StreamBook> open(Connection& connection);

    /// nullptr if it was never opened. The pointer is valid until forget().
    Result<KnownStream*> find(const StreamKey& key);
    Result<KnownStream*> greet(const Opening& opening, std::int64_t agent, WallTime now,
                               CounterTable& counters);
    /// Writes the position and the new count of a stream.
    Result<void> save(KnownStream& stream, WallTime now);
    void forget() { known_.clear(); }

  private:
    std::map<StreamKey, KnownStream> known_;
    StatementPtr find_, insert_, update_, count_, save_;
};

} // namespace minewarden::collector::sql
