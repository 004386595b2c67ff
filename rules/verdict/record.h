// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/arithmetic/judge.h"
#include "rules/rule_set/rule_set.h"

#include <chrono>

/// The verdict record: everything a verdict was made of, in one canonical encoding
/// (docs/verdict-record.md), so that anyone with the rules can make it again byte for byte.
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
    std::int64_t entities = 1;     ///< threads or connections for which it held in the last of them
    /// What the condition saw when it last held, the firing observation (windows_back 0) first.
    std::vector<PlacedObservation> observations;
    bool operator==(const RecordedEvidence&) const = default;
};

struct VerdictRecord {
    Digest rule_set;
    BootId boot;
    ImageKey image;
    Activity activity;
    std::chrono::nanoseconds window_span{};
    WindowIndex window;
    CarriedState carried;
    std::vector<RecordedEvidence> evidence; ///< by rule id
    Verdict verdict;
    bool operator==(const VerdictRecord&) const = default;
};

[[nodiscard]] std::string encode_record(const VerdictRecord& record);

/// Bounds: 1 MiB, and those of cbor::decode. Errors are of kind data.
Result<VerdictRecord> decode_record(ByteView bytes);

/// SHA-256 of the canonical encoding of [prior, [least log-odds of suspected, probable, confirmed],
/// least of a supporting family, decay, refuting decay, caps by family]: records made with other
/// numbers cannot be made again with these.
[[nodiscard]] const Digest& arithmetic_digest();

/// SHA-256 of the canonical encoding of a carried state: what a record names as `carried_sha256`
/// and the one before it as `next_sha256`.
[[nodiscard]] Digest digest_of(const CarriedState& state);

/// Id of a finding: the first 16 bytes of the SHA-256 of the canonical encoding of
/// [agent public key, boot id, pid, start, image, activity name].
[[nodiscard]] FindingId finding_id(ByteView agent_key, const BootId& boot, const ImageKey& image,
                                   Activity activity);

} // namespace minewarden::rules
