// SPDX-License-Identifier: Apache-2.0
// What the store answers with, and the filters to ask it by.
#pragma once

#include "collector/store/recomputation.h"
#include "common/bytes.h"
#include "common/clock.h"
#include "common/keys/curve_key.h"

#include <cstdint>
#include <minewarden.pb.h>
#include <optional>
#include <string>
#include <vector>

namespace minewarden::collector {

/// The place of a row in the order of commits. Grows without end and is never reused, so a reader
/// that remembers the last one it saw misses nothing. 0 is before the first.
using Cursor = std::uint64_t;

/// One version of a finding as it was committed.
struct StoredFinding {
    Cursor cursor = 0;
    CurvePublicKey agent;
    std::string agent_name; ///< from its enrolment
    StreamId stream;
    std::uint64_t sequence = 0;
    WallTime received_at;
    bool current = true; ///< no later version of the same finding was committed
    wire::Finding finding;
    /// nullopt: it was not in the sample, or its turn has not come.
    std::optional<Recomputation> recomputation = {};
};

struct FindingFilter {
    std::optional<WallTime> since = {};                      ///< changed at or after
    std::optional<WallTime> until = {};                      ///< changed before
    std::string activity = {};                               ///< or a prefix; "" is any
    wire::Certainty certainty = wire::CERTAINTY_UNSPECIFIED; ///< the least
    std::optional<wire::FindingState> state = {};
    std::optional<CurvePublicKey> agent = {};
    bool current_only = false;
    bool mismatched_only = false; ///< made again with another result
    Cursor after = 0;
    std::size_t limit = 100; ///< at least 1
};

/// In the order of commits.
struct FindingPage {
    std::vector<StoredFinding> findings;
    Cursor next = 0;   ///< everything up to here was looked at: `after` of the next page
    bool more = false; ///< the limit cut the page short
};

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
    Cursor cursor = 0;
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
    Cursor after = 0;
    std::size_t limit = 100; ///< at least 1
};

struct GapPage {
    std::vector<StoredGap> gaps;
    Cursor next = 0;
    bool more = false;
};

/// Why a host cannot be seen, wholly or in part.
enum class VisibilityReason {
    silent,         ///< its agent was not heard for three heartbeats
    stopped,        ///< its agent was told to stop, and said so
    sensor_degraded ///< its agent says that one of its sensors does not work, or not fully
};
[[nodiscard]] std::string_view to_string(VisibilityReason reason);
[[nodiscard]] std::optional<VisibilityReason> find_visibility_reason(std::string_view name);

/// What ended it.
enum class VisibilityEnd {
    heard,     ///< the agent is heard again
    recovered, ///< the sensor works again
    revoked    ///< the agent's key was revoked: it is not expected any more
};
[[nodiscard]] std::string_view to_string(VisibilityEnd end);
[[nodiscard]] std::optional<VisibilityEnd> find_visibility_end(std::string_view name);

/// A span of time in which a host was not seen, wholly or in part. What was lost meanwhile, if
/// anything, is told by gaps.
struct StoredVisibility {
    Cursor cursor = 0;
    CurvePublicKey agent;
    std::string agent_name;
    std::string host_name;
    VisibilityReason reason{};
    std::string place; ///< the sensor; "" for the whole host
    WallTime since;
    std::optional<WallTime> until; ///< nullopt while it is open
    std::optional<VisibilityEnd> end;
    std::string detail;
};

struct VisibilityFilter {
    std::optional<bool> open = {};
    std::optional<WallTime> since = {}; ///< open, or ended at or after
    std::optional<CurvePublicKey> agent = {};
    Cursor after = 0;
    std::size_t limit = 100; ///< at least 1
};

struct VisibilityPage {
    std::vector<StoredVisibility> records;
    Cursor next = 0;
    bool more = false;
};

struct StoreStatus {
    int schema_version = 0;
    Cursor last_finding = 0;           ///< also the number of finding versions kept
    std::uint64_t bytes = 0;           ///< on disk
    std::uint64_t open_visibility = 0; ///< records of hosts that cannot be seen now
    std::uint64_t mismatched = 0; ///< finding versions that were made again with another result
};

/// The beginning of a finding id in hexadecimal, as people type it.
struct FindingIdPrefix {
    static constexpr std::size_t least_digits = 4;
    std::string digits; ///< lower case, least_digits to 32 of them
    /// nullopt unless `text` is that (either case).
    [[nodiscard]] static std::optional<FindingIdPrefix> parse(std::string_view text);
    [[nodiscard]] FindingId lowest() const;
    [[nodiscard]] FindingId highest() const;
};

} // namespace minewarden::collector
