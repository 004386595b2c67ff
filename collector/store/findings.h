// SPDX-License-Identifier: Apache-2.0
// Findings in the store, and queries for them.
#pragma once

#include "collector/store/cursor.h"
#include "collector/store/recomputation.h"
#include "common/bytes.h"
#include "common/clock.h"
#include "common/keys/curve_key.h"
#include "common/result.h"

#include <cstdint>
#include <minewarden.pb.h>
#include <optional>
#include <string>
#include <vector>

namespace minewarden::collector {

/// One committed version of a finding, without its verdict record.
struct FindingSummary {
    Cursor cursor;
    CurvePublicKey agent;
    std::string agent_name; ///< from its enrolment
    std::string host_name;  ///< its own host name
    StreamId stream;
    std::uint64_t sequence = 0;
    WallTime received_at;
    bool current = true;   ///< no later version of the same finding was committed
    wire::Finding finding; ///< `record` is empty
    /// nullopt: not in the sample, or not recomputed yet.
    std::optional<Recomputation> recomputation = {};
};

/// The same, with the verdict record in `finding`.
struct StoredFinding : FindingSummary {};

struct FindingFilter {
    std::optional<WallTime> since = {};                      ///< changed at or after
    std::optional<WallTime> until = {};                      ///< changed before
    std::string activity = {};                               ///< or a prefix; "" is any
    wire::Certainty certainty = wire::CERTAINTY_UNSPECIFIED; ///< minimum
    std::optional<wire::FindingState> state = {};
    std::optional<CurvePublicKey> agent = {};
    bool current_only = false;
    bool mismatched_only = false; ///< recomputed with another result
};

/// In the order of commits.
struct FindingPage {
    std::vector<FindingSummary> findings;
    Cursor next;       ///< `after` of the next page
    bool more = false; ///< the limit cut the page short
};

/// Newest first.
struct FindingList {
    std::vector<FindingSummary> findings;
    std::optional<Cursor> before; ///< for the next, older page; nullopt on the last page
    Cursor newest;                ///< later commits are after this
};

/// The number of matching versions on all pages.
struct MatchCount {
    static constexpr std::uint64_t most = 10'000;
    std::uint64_t matches = 0;
    bool is_exact = true; ///< false: a lower bound
};

/// The first digits of a finding id, as people type them.
struct FindingIdPrefix {
    static constexpr std::size_t least_digits = 4;
    std::string digits; ///< hexadecimal, lower case, least_digits to 32
    /// Accepts both cases; nullopt if `text` is not valid.
    [[nodiscard]] static std::optional<FindingIdPrefix> parse(std::string_view text);
    [[nodiscard]] FindingId lowest() const;
    [[nodiscard]] FindingId highest() const;
};

/// Queries for findings. Any thread may call. A query that takes longer than five seconds, or
/// cannot reach the database, fails with kind `unavailable`. `limit` is at least 1.
class FindingQueries {
  public:
    virtual ~FindingQueries() = default;

    /// The newest matches, or the newest before `before`.
    virtual Result<FindingList> newest_findings(const FindingFilter& filter,
                                                std::optional<Cursor> before,
                                                std::size_t limit) = 0;
    /// Exact up to MatchCount::most.
    virtual Result<MatchCount> count_findings(const FindingFilter& filter) = 0;
    /// Matches committed after `after`. A cursor that is newer than all findings is an error of
    /// kind `data`: an older state of the database was restored.
    virtual Result<FindingPage> findings_after(const FindingFilter& filter, Cursor after,
                                               std::size_t limit) = 0;
    /// The same with verdict records, without a filter.
    virtual Result<std::vector<StoredFinding>> whole_findings_after(Cursor after,
                                                                    std::size_t limit) = 0;
    /// The cursor of the newest version.
    virtual Result<Cursor> last_finding() = 0;

    /// The current versions of the findings whose id starts with these digits, at most `limit`. A
    /// full id may match several: agents choose ids, so each is of another agent.
    virtual Result<std::vector<StoredFinding>> find(const FindingIdPrefix& id,
                                                    std::size_t limit) = 0;
    /// All versions, newest first, at most `limit`.
    virtual Result<std::vector<FindingSummary>> history(const CurvePublicKey& agent,
                                                        const FindingId& id, std::size_t limit) = 0;
    /// The newest with this version number, if any.
    virtual Result<std::optional<StoredFinding>>
    find_version(const CurvePublicKey& agent, const FindingId& id, std::uint32_t version) = 0;
    /// A rule set that an agent used.
    virtual Result<std::optional<wire::RuleSet>> rule_set(const Digest& digest) = 0;
};

} // namespace minewarden::collector
