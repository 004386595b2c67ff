// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/recompute_store.h"
#include "collector/store/sql/conditions.h"

namespace minewarden::collector::sql {

/// Queries for findings over a read-only connection. One thread at a time.
class FindingReader {
  public:
    /// `connection` outlives the reader.
    static Result<FindingReader> open(Connection& connection);

    Result<FindingList> newest(const FindingFilter& filter, std::optional<Cursor> before,
                               std::size_t limit);
    Result<MatchCount> count(const FindingFilter& filter);
    Result<FindingPage> after(const FindingFilter& filter, Cursor after, std::size_t limit);
    Result<std::vector<StoredFinding>> whole_after(Cursor after, std::size_t limit);
    Result<Cursor> last();
    Result<std::optional<StoredFinding>> at(Cursor cursor);
    Result<std::vector<StoredFinding>> find(const FindingIdPrefix& id, std::size_t limit);
    Result<std::vector<FindingSummary>> history(const CurvePublicKey& agent, const FindingId& id,
                                                std::size_t limit);
    Result<std::optional<StoredFinding>> find_version(const CurvePublicKey& agent,
                                                      const FindingId& id, std::uint32_t version);
    Result<std::optional<wire::RuleSet>> rule_set(const Digest& digest);

  private:
    /// Rows after `after` up to `last`.
    struct Range {
        std::int64_t after;
        std::int64_t last;
    };

    explicit FindingReader(Connection& connection) : connection_(&connection) {}

    Result<std::vector<FindingSummary>> ask(const FindingFilter& filter, Range range,
                                            std::string_view order, std::size_t limit);
    /// The rows that may be in a time range, from the index by time of change.
    Result<Range> narrow(const FindingFilter& filter, Range range);
    Result<std::int64_t> last_row();

    Connection* connection_;
    StatementPtr last_, change_range_, whole_, at_, find_, history_, version_, rule_set_;
};

} // namespace minewarden::collector::sql
