// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/wire/activity.h"
#include "rules/arithmetic/judge.h"
#include "rules/observation/observation.h"
#include "rules/rule_set/attributes.h"

#include <chrono>
#include <string>
#include <vector>

/// The verdict record: everything a verdict was made of, in one canonical encoding
/// (docs/verdict-record.md), so that anyone with the rules can recompute it byte for byte.
namespace minewarden::rules {

/// An observation and how many windows before the one that fired it was made.
struct PlacedObservation {
    std::int64_t windows_back = 0;
    Observation observation;
    bool operator==(const PlacedObservation&) const = default;
};

struct RecordedEvidence {
    std::string rule;
    Family family = Family::load;
    MilliNats weight = 0;
    std::int64_t age = 0;          ///< windows since the rule last held
    std::int64_t windows_held = 0; ///< in how many windows it held since it first did
    /// Threads or connections for which it held in the last of them, ascending; empty if it is
    /// about the subject as a whole.
    std::vector<std::int64_t> entities;
    /// What the condition saw when it last held, the firing observation (windows_back 0) first.
    std::vector<PlacedObservation> observations;
    bool operator==(const RecordedEvidence&) const = default;
};

struct VerdictRecord {
    Digest rule_set; ///< covers the rules and the numbers
    BootId boot;
    Subject subject;
    Activity activity;
    std::chrono::nanoseconds window_span{};
    WindowIndex window;
    CarriedState carried;
    std::vector<RecordedEvidence> evidence; ///< by rule id
    Verdict verdict;
    MilliNats prior = 0; ///< for people: the rule set has it
    Attributes attributes;
    bool operator==(const VerdictRecord&) const = default;
};

[[nodiscard]] std::string encode_record(const VerdictRecord& record);

/// A record as it was read.
struct DecodedRecord {
    /// What this version knows of it. Parts that it does not know are left out, or have their
    /// default value.
    VerdictRecord record;
    /// Those parts, by path ("evidence.2.family: \"gait\""): written by a newer version. If there
    /// are any, the verdict cannot be recomputed by this one.
    std::vector<std::string> newer;
    /// All of it, to be shown.
    cbor::Map content;
};

/// Reads the record of any version of minewarden. An error (kind data) says why it is none: the
/// encoding is not canonical, a part that all versions have is missing or has the wrong type, it is
/// larger than 1 MiB, or beyond the bounds of cbor::decode.
Result<DecodedRecord> decode_record(ByteView bytes);

/// SHA-256 of the canonical encoding of a carried state: what a record names as `carried_sha256`
/// and the one before it as `next_sha256`.
[[nodiscard]] Digest digest_of(const CarriedState& state);

/// Id of a finding: the first 16 bytes of the SHA-256 of the canonical encoding of
/// [agent public key, boot id, subject, activity name].
[[nodiscard]] FindingId finding_id(ByteView agent_key, const BootId& boot, const Subject& subject,
                                   Activity activity);

} // namespace minewarden::rules
