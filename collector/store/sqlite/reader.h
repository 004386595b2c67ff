// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/sqlite/database.h"
#include "collector/store/store.h"

#include <chrono>
#include <memory>

namespace minewarden::collector::sqlite {

/// Answers questions over a connection that cannot write. One thread at a time. A question that
/// takes longer than `patience` fails (kind unavailable), so that none can hold up the others.
class Reader {
  public:
    static constexpr std::chrono::seconds patience{5};

    static Result<std::unique_ptr<Reader>> open(Connection connection);

    Result<FindingPage> findings(const FindingFilter& filter);
    Result<std::vector<StoredFinding>> find(const FindingIdPrefix& id, std::size_t limit);
    Result<std::vector<StoredFinding>> history(const CurvePublicKey& agent, const FindingId& id,
                                               std::size_t limit);
    Result<std::vector<StoredAgent>> agents();
    Result<GapPage> gaps(const GapFilter& filter);
    Result<VisibilityPage> visibility(const VisibilityFilter& filter);
    Result<std::optional<wire::RuleSet>> rule_set(const Digest& digest);
    Result<StoreStatus> status();

  private:
    explicit Reader(Connection connection) : connection_(std::move(connection)) {}

    Result<void> prepare();
    void start_question();
    Result<std::vector<StoredFinding>> read_findings(Statement& statement);
    /// The rows that a time range can touch, as the index by time of change tells.
    Result<void> narrow(const FindingFilter& filter, std::int64_t& first, std::int64_t& last);

    Connection connection_;
    std::chrono::steady_clock::time_point deadline_;
    struct {
        Statement last_finding, change_range, findings, find, history;
        Statement agents, last_gap, gaps, rule_set, size, mismatched;
        Statement last_visibility, visibility, open_visibility, count_open;
    } sql_;
};

} // namespace minewarden::collector::sqlite
