// SPDX-License-Identifier: Apache-2.0
// What the intake hands to the store: checked, and still pointing into the received messages.
#pragma once

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
    Activity activity;
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

struct HeartbeatArrival {
    CurvePublicKey agent;
    ByteView bytes; ///< protobuf wire::Heartbeat; lives as long as the message
};

using Arrival = std::variant<Opening, Delivery, HeartbeatArrival>;

} // namespace minewarden::collector
