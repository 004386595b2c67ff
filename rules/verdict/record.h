// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/wire/activity.h"
#include "rules/arithmetic/judge.h"
#include "rules/observation/observation.h"
#include "rules/rule_set/attributes.h"

#include <chrono>
#include <string>
#include <vector>

/// The verdict record: all inputs of a verdict in one canonical encoding (docs/verdict-record.md).
/// Anyone with the rules can recompute it byte for byte.
namespace minewarden::rules {

/// An observation and how many windows it is before the one that fired the rule.
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
    std::int64_t windows_held = 0; ///< number of windows in which it held
    /// Threads or connections for which it held in the last of them, ascending. Empty: the whole
    /// subject.
    std::vector<std::int64_t> entities;
    /// Observations on which the condition last held. The first (windows_back 0) fired the rule.
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
    MilliNats prior = 0; ///< for readers; recomputing uses the rule set's
    Attributes attributes;
    bool operator==(const VerdictRecord&) const = default;
};

[[nodiscard]] std::string encode_record(const VerdictRecord& record);

/// A decoded record.
struct DecodedRecord {
    /// The parts that this version knows. Unknown parts are omitted or have default values.
    VerdictRecord record;
    /// Paths of the unknown parts ("evidence.2.family: \"gait\""), written by a newer version. If
    /// there are any, this version cannot recompute the verdict.
    std::vector<std::string> newer;
    /// The whole record, for display.
    cbor::Map content;
};

/// Decodes the record of any version of minewarden. Errors (kind data): not canonical, a part that
/// all versions have is missing or has the wrong type, larger than 1 MiB, or beyond the limits of
/// cbor::decode.
Result<DecodedRecord> decode_record(ByteView bytes);

/// SHA-256 of the canonical encoding of a carried state: `carried_sha256` of a record and
/// `next_sha256` of the record before it.
[[nodiscard]] Digest digest_of(const CarriedState& state);

/// Id of a finding: the first 16 bytes of the SHA-256 of the canonical encoding of
/// [agent public key, boot id, subject, activity name].
[[nodiscard]] FindingId finding_id(ByteView agent_key, const BootId& boot, const Subject& subject,
                                   Activity activity);

} // namespace minewarden::rules
