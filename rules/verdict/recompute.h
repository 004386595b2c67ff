// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/rule_set/rule_set.h"
#include "rules/verdict/record.h"

#include <string_view>

/// Recomputes verdicts from their records: the client for one finding, the collector for a sample.
namespace minewarden::rules {

/// True if the condition of the rule holds on these observations (the one that fired first).
[[nodiscard]] bool holds_on(const Rule& rule, std::span<const PlacedObservation> observations);

/// A field whose claimed and recomputed values differ.
struct Difference {
    std::string field;      ///< "certainty", "log_odds", "evidence", "encoding", ...
    std::string reported;   ///< value in the record or the finding
    std::string recomputed; ///< value recomputed from the evidence and the rules
    bool operator==(const Difference&) const = default;
};
/// Maximum number of listed differences. One is enough to reject a record.
inline constexpr std::size_t most_differences = 16;

/// Recomputes the verdict of a record with `rules`, which must be the set that it names. `bytes`:
/// the encoding of the record. Returns no differences if the record is, byte for byte, what the
/// rules give for its evidence. REQUIRES: decoded without newer parts
[[nodiscard]] std::vector<Difference> differences_of(const VerdictRecord& record, ByteView bytes,
                                                     const RuleSet& rules);

/// Decodes a record and recomputes its verdict. Errors: data for the first difference (unknown
/// rule, condition that does not hold, weight, certainty, encoding); unavailable if a newer version
/// wrote it.
Result<VerdictRecord> recompute_record(ByteView bytes, const RuleSet& rules);

/// "needs a newer version of minewarden: ..." with the unknown parts.
[[nodiscard]] std::string describe_newer(const std::vector<std::string>& newer);

} // namespace minewarden::rules
