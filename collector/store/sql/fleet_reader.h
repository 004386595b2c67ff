// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/fleet.h"
#include "collector/store/sql/conditions.h"

namespace minewarden::collector::sql {

/// Queries for agents, gaps and visibility over a read-only connection. One thread at a time.
class FleetReader {
  public:
    /// `connection` outlives the reader.
    static Result<FleetReader> open(Connection& connection);

    Result<std::vector<StoredAgent>> agents();
    Result<FleetList<StoredGap>> gaps(const GapFilter& filter, std::optional<Cursor> before,
                                      std::size_t limit);
    Result<MatchCount> count_gaps(const GapFilter& filter);
    Result<FleetList<StoredVisibility>> visibility(const VisibilityFilter& filter,
                                                   std::optional<Cursor> before, std::size_t limit);
    Result<MatchCount> count_visibility(const VisibilityFilter& filter);
    Result<std::optional<StoredVisibility>> visibility_at(Cursor cursor);

  private:
    explicit FleetReader(Connection& connection) : connection_(&connection) {}

    Connection* connection_;
    StatementPtr agents_, visibility_at_;
};

} // namespace minewarden::collector::sql
