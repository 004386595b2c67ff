// SPDX-License-Identifier: Apache-2.0
// What the intake passes to the store: checked data that refers to the received messages.
#pragma once

#include "collector/store/fleet.h"
#include "common/bytes.h"
#include "common/clock.h"
#include "common/keys/curve_key.h"
#include "common/wire/activity.h"

#include <cstdint>
#include <minewarden.pb.h>
#include <string>
#include <variant>
#include <vector>

namespace minewarden::collector {

/// One life of an agent's outbox, with its own sequences. The agent is identified by the key of its
/// authenticated connection, never by a message.
struct StreamKey {
    CurvePublicKey agent;
    StreamId stream;
    auto operator<=>(const StreamKey&) const = default;
};

/// An agent sent Hello.
struct Opening {
    StreamKey stream;
    BootId boot_id;
    std::string agent_name; ///< from its enrolment
    std::string host_name;  ///< its own host name
    std::string agent_version;
    /// The oldest sequence in its outbox; 0: unknown. Earlier ones that are not stored are lost: a
    /// gap.
    std::uint64_t first_sequence = 0;
};

/// One version of a finding: the columns to filter by, and their source, the protobuf
/// wire::Finding, in two parts: lists read only the first.
struct FindingArrival {
    FindingId id;
    std::uint32_t version;
    wire::FindingState state;
    wire::Certainty certainty;
    std::string activity; ///< may be unknown to this version
    WallTime changed_at;
    std::string head; ///< the protobuf without the field `record`
    ByteView record;  ///< lives as long as the message
};

struct RuleSetArrival {
    Digest digest;  ///< of its files
    ByteView bytes; ///< protobuf wire::RuleSet; lives as long as the message
};

struct GapArrival {
    std::string place;
    std::uint64_t lost;
    WallTime from;
    WallTime until;
    std::string detail;
};

/// A record that is not stored. It uses up its sequence, so that the agent can continue.
struct RejectedRecord {
    std::string_view reason; ///< static text, or lives as long as the message
};

struct Record {
    std::uint64_t sequence; ///< at most 2^63 - 1
    std::variant<RejectedRecord, FindingArrival, RuleSetArrival, GapArrival> body;
};

/// Records of one stream in the order they were sent.
struct Delivery {
    StreamKey stream;
    std::vector<Record> records;
};

/// A capability that its agent reports as missing or incomplete.
struct CapabilityProblem {
    std::string capability;
    std::string problem;
    auto operator<=>(const CapabilityProblem&) const = default;
};

struct HeartbeatArrival {
    CurvePublicKey agent;
    ByteView bytes; ///< protobuf wire::Heartbeat; lives as long as the message
    std::vector<CapabilityProblem> problems;
    std::optional<Digest> rule_set = {}; ///< that the agent uses
};

/// An agent is absent. Opens a visibility record from its last contact; its next heartbeat closes
/// it. Does nothing if it is absent already, or if another collector heard it last
/// (Outcome::moved).
struct AbsenceArrival {
    CurvePublicKey agent;
    VisibilityReason reason; ///< silent or stopped
};

/// An agent came over its quota (collector/intake/quotas.h): opens a visibility record, unless
/// there is one; or it is within it: closes the record, if there is one.
struct QuotaArrival {
    CurvePublicKey agent;
    bool is_over = false;
};

/// An agent's key was revoked. Closes all of its visibility records.
struct RevocationArrival {
    CurvePublicKey agent;
};

/// One run of one collector.
using CollectorId = Opaque<struct CollectorIdTag, 16>;

/// This collector runs. It adopts the agents of the collectors that are gone (Outcome::watch): all
/// others, if the database is not shared.
struct WatchArrival {
    std::vector<CollectorId> gone;
    /// The first one of an intake: it also adopts the agents of this collector, which an intake
    /// process before it watched.
    bool is_first = false;
};

using Arrival = std::variant<Opening, Delivery, HeartbeatArrival, AbsenceArrival, QuotaArrival,
                             RevocationArrival, WatchArrival>;

} // namespace minewarden::collector
