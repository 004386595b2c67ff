// SPDX-License-Identifier: Apache-2.0
// Agents, gaps and visibility records in the store, and queries for them.
#pragma once

#include "collector/store/cursor.h"
#include "collector/store/findings.h"
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

struct StoredAgent {
    CurvePublicKey key;
    std::string name;
    std::string host_name;
    std::string version;
    WallTime first_seen_at;
    WallTime last_seen_at;
    std::optional<WallTime> heartbeat_at; ///< when the last heartbeat was received
    wire::Heartbeat heartbeat;
};

/// Lost data: an agent reported it, sequences jumped, or a record was rejected.
struct StoredGap {
    Cursor cursor;
    CurvePublicKey agent;
    std::string agent_name;
    StreamId stream;
    std::string place; ///< as in wire::Gap; "stream" for a jump, "intake" for rejected records
    std::uint64_t lost = 0;
    std::optional<std::uint64_t> first_sequence; ///< of a jump: first and last missing one
    std::optional<std::uint64_t> last_sequence;
    WallTime from;
    WallTime until;
    WallTime received_at;
    std::string detail;
};

struct GapFilter {
    std::optional<WallTime> since = {}; ///< received at or after
    std::optional<WallTime> until = {}; ///< received before
    std::optional<CurvePublicKey> agent = {};
};

/// Why a host cannot be seen, fully or in part.
enum class VisibilityReason {
    silent,             ///< no heartbeat for three intervals
    stopped,            ///< its agent reported that it was stopped
    over_quota,         ///< its agent exceeds its quota: the rest comes later
    capability_degraded ///< its agent reports a capability as missing or incomplete
};
[[nodiscard]] std::string_view to_string(VisibilityReason reason);
[[nodiscard]] std::optional<VisibilityReason> find_visibility_reason(std::string_view name);

/// Why it ended.
enum class VisibilityEnd {
    heard,     ///< the agent sends heartbeats again
    recovered, ///< the capability works again, or the agent is within its quota
    revoked    ///< the agent's key was revoked
};
[[nodiscard]] std::string_view to_string(VisibilityEnd end);
[[nodiscard]] std::optional<VisibilityEnd> find_visibility_end(std::string_view name);

/// A span of time in which a host was not seen, fully or in part. Gaps record what was lost.
struct StoredVisibility {
    Cursor cursor;
    CurvePublicKey agent;
    std::string agent_name;
    std::string host_name;
    VisibilityReason reason{};
    std::string place; ///< the capability; "" for the whole host
    WallTime since;
    std::optional<WallTime> until; ///< nullopt while it is open
    std::optional<VisibilityEnd> end;
    std::string detail;
};

struct VisibilityFilter {
    std::optional<bool> open = {};
    std::optional<WallTime> since = {}; ///< open, or ended at or after
    std::optional<CurvePublicKey> agent = {};
};

/// Newest first. Visibility records: by the time when they opened.
template <class Item>
struct FleetList {
    std::vector<Item> items;
    std::optional<Cursor> before; ///< for the next, older page; nullopt on the last page
};

/// Queries for the fleet. Same rules as FindingQueries.
class FleetQueries {
  public:
    virtual ~FleetQueries() = default;

    /// Ordered by name.
    virtual Result<std::vector<StoredAgent>> agents() = 0;

    virtual Result<FleetList<StoredGap>> gaps(const GapFilter& filter, std::optional<Cursor> before,
                                              std::size_t limit) = 0;
    virtual Result<MatchCount> count_gaps(const GapFilter& filter) = 0;

    virtual Result<FleetList<StoredVisibility>>
    visibility(const VisibilityFilter& filter, std::optional<Cursor> before, std::size_t limit) = 0;
    virtual Result<MatchCount> count_visibility(const VisibilityFilter& filter) = 0;
    /// The record at this cursor, if any.
    virtual Result<std::optional<StoredVisibility>> visibility_at(Cursor cursor) = 0;
};

} // namespace minewarden::collector
