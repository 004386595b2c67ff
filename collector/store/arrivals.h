// SPDX-License-Identifier: Apache-2.0
// What the intake hands to the store: checked, and still pointing into the received messages.
#pragma once

#include "collector/store/stored.h"
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

/// One life of one agent's outbox; sequences count within it. The agent is known by the key that
/// its connection authenticated with, never by what a message says.
struct StreamKey {
    CurvePublicKey agent;
    StreamId stream;
    auto operator<=>(const StreamKey&) const = default;
};

/// An agent said Hello.
struct Opening {
    StreamKey stream;
    BootId boot_id;
    std::string agent_name; ///< from its enrolment
    std::string host_name;  ///< as the host calls itself
    std::string agent_version;
};

/// One version of a finding: the columns to filter by, and the protobuf wire::Finding they were
/// read from, which is what is kept.
struct FindingArrival {
    FindingId id;
    std::uint32_t version;
    wire::FindingState state;
    wire::Certainty certainty;
    std::string activity; ///< may be one that this version does not know
    WallTime opened_at;
    WallTime changed_at;
    ByteView bytes; ///< lives as long as the message
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

/// A record that cannot be kept. It takes its sequence, so that the agent can go on.
struct RejectedRecord {
    std::string_view reason; ///< static text
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

/// A sensor that sees nothing, or not all, as its agent says.
struct SensorProblem {
    std::string sensor;
    std::string problem;
    auto operator<=>(const SensorProblem&) const = default;
};

struct HeartbeatArrival {
    CurvePublicKey agent;
    ByteView bytes; ///< protobuf wire::Heartbeat; lives as long as the message
    std::vector<SensorProblem> problems;
};

/// An agent is not heard any more. Opens a visibility record, since it was last heard.
struct AbsenceArrival {
    CurvePublicKey agent;
    VisibilityReason reason; ///< silent or stopped
};

/// An agent is heard again, which ends its absence; or its key was revoked, which ends all of its
/// visibility records.
struct AbsenceEndArrival {
    CurvePublicKey agent;
    VisibilityEnd end; ///< heard or revoked
};

using Arrival =
    std::variant<Opening, Delivery, HeartbeatArrival, AbsenceArrival, AbsenceEndArrival>;

} // namespace minewarden::collector
