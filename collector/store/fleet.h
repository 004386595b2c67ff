// SPDX-License-Identifier: Apache-2.0
// Agents, gaps and visibility records as the store keeps them, and the questions about them.
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
    std::optional<WallTime> heartbeat_at; ///< when the last heartbeat came
    wire::Heartbeat heartbeat;
};

/// Something that is missing: an agent said so, or sequences jumped, or a record was rejected.
struct StoredGap {
    Cursor cursor;
    CurvePublicKey agent;
    std::string agent_name;
    StreamId stream;
    std::string place; ///< as in wire::Gap; "stream" for a jump, "intake" for rejected records
    std::uint64_t lost = 0;
    std::optional<std::uint64_t> first_sequence; ///< of a jump: the missing ones
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

/// Why a host cannot be seen, wholly or in part.
enum class VisibilityReason {
    silent,             ///< its agent was not heard for three heartbeats
    stopped,            ///< its agent was stopped, and said so
    capability_degraded ///< its agent says that one of its capabilities does not work, or not fully
};
[[nodiscard]] std::string_view to_string(VisibilityReason reason);
[[nodiscard]] std::optional<VisibilityReason> find_visibility_reason(std::string_view name);

/// What ended it.
enum class VisibilityEnd {
    heard,     ///< the agent is heard again
    recovered, ///< the capability works again
    revoked    ///< the agent's key was revoked: it is not expected any more
};
[[nodiscard]] std::string_view to_string(VisibilityEnd end);
[[nodiscard]] std::optional<VisibilityEnd> find_visibility_end(std::string_view name);

/// A span of time in which a host was not seen, wholly or in part. Gaps say what was lost in it, if
/// anything was.
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

/// Newest first; of visibility records, those that opened last.
template <class Item>
struct FleetList {
    std::vector<Item> items;
    std::optional<Cursor> before; ///< of the next, older page; nullopt on the last one
};

/// Questions about the fleet, under the terms of FindingQueries.
class FleetQueries {
  public:
    virtual ~FleetQueries() = default;

    /// By name.
    virtual Result<std::vector<StoredAgent>> agents() = 0;

    virtual Result<FleetList<StoredGap>> gaps(const GapFilter& filter, std::optional<Cursor> before,
                                              std::size_t limit) = 0;
    virtual Result<MatchCount> count_gaps(const GapFilter& filter) = 0;

    virtual Result<FleetList<StoredVisibility>>
    visibility(const VisibilityFilter& filter, std::optional<Cursor> before, std::size_t limit) = 0;
    virtual Result<MatchCount> count_visibility(const VisibilityFilter& filter) = 0;
    /// The record at this place, if there is one.
    virtual Result<std::optional<StoredVisibility>> visibility_at(Cursor cursor) = 0;
};

} // namespace minewarden::collector
