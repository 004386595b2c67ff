// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/verdict/record.h"

#include <string_view>

/// Making verdicts again from what their records carry: by the client that checks one finding, by
/// the collector that checks a sample of them.
namespace minewarden::rules {

/// True if the rule's condition holds on these observations, in order from the firing one.
[[nodiscard]] bool holds_on(const Rule& rule, std::span<const PlacedObservation> observations);

/// Where a claim and what was made again part.
struct Difference {
    std::string field; ///< "certainty", "log_odds", "evidence", "encoding", ...
    std::string said;  ///< by the record or the finding
    std::string made;  ///< by the evidence and the rules
    bool operator==(const Difference&) const = default;
};
/// At most so many differences are told; the first is enough to disbelieve a record.
inline constexpr std::size_t most_differences = 16;

/// Makes the verdict of a decoded record again. `bytes` are what it was decoded from. Nothing
/// differs: the record is, byte for byte, what these rules make of its evidence.
[[nodiscard]] std::vector<Difference> differences_of(const VerdictRecord& record, ByteView bytes,
                                                     const RuleSet& rules);

/// decode_record and differences_of in one. An error (kind data) says what differs first: unknown
/// rule, condition that does not hold, weight, certainty or encoding.
Result<VerdictRecord> recompute_record(ByteView bytes, const RuleSet& rules);

} // namespace minewarden::rules
