// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/rule_set/rule_set.h"
#include "rules/verdict/record.h"

#include <string_view>

/// Recomputing verdicts from what their records carry: in the client for one finding, in the
/// collector for a sample of them.
namespace minewarden::rules {

/// True if the rule's condition holds on these observations, in order from the firing one.
[[nodiscard]] bool holds_on(const Rule& rule, std::span<const PlacedObservation> observations);

/// A field in which a claim and the recomputed value differ.
struct Difference {
    std::string field; ///< "certainty", "log_odds", "evidence", "encoding", ...
    std::string said;  ///< by the record or the finding
    std::string made;  ///< by the evidence and the rules
    bool operator==(const Difference&) const = default;
};
/// More differences are not listed; the first is enough to disbelieve a record.
inline constexpr std::size_t most_differences = 16;

/// Recomputes the verdict of a record with the numbers and rules of the set that it names. `bytes`
/// are what it was decoded from. No difference: the record is, byte for byte, what these rules make
/// of its evidence. REQUIRES: decoded without newer parts
[[nodiscard]] std::vector<Difference> differences_of(const VerdictRecord& record, ByteView bytes,
                                                     const RuleSet& rules);

/// decode_record and differences_of in one. An error of kind data describes the first difference:
/// unknown rule, condition that does not hold, weight, certainty or encoding. An error of kind
/// unavailable says that a newer version wrote it.
Result<VerdictRecord> recompute_record(ByteView bytes, const RuleSet& rules);

/// "needs a newer version of minewarden: ..." with the parts that are not known here.
[[nodiscard]] std::string describe_newer(const std::vector<std::string>& newer);

} // namespace minewarden::rules
