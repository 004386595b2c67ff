// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/arithmetic/numbers.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Turns evidence into certainty with integer arithmetic and no clock: the same input gives the
/// same verdict on every machine. docs/verdicts.md explains the arithmetic.
namespace minewarden::rules {

enum class Certainty { none = 0, suspected = 1, probable = 2, confirmed = 3 };

[[nodiscard]] std::string_view to_string(Certainty certainty);
[[nodiscard]] std::optional<Certainty> find_certainty(std::string_view name);

/// A rule that held, weighed for one activity.
struct WeighedEvidence {
    Family family = Family::load;
    MilliNats weight = 0;
    std::int64_t age = 0; ///< windows since it last held
    /// Ids of the connections or threads it is about, ascending. Empty: the whole subject. Not
    /// owned: must outlive this.
    std::span<const std::int64_t> entities = {};
    /// Of the supporting evidence of one group only the strongest counts; "": in no group. Points
    /// into the rule set.
    std::string_view group = {};
};

/// weight * decay[age] / 1000, rounded toward zero; 0 past the end of the table. Negative weights
/// use refuting_decay.
[[nodiscard]] MilliNats strength(const WeighedEvidence& evidence, const Numbers& numbers);

/// What counts of each: its strength, or 0 if other supporting evidence of its group is stronger.
/// Of equally strong evidence the first counts.
[[nodiscard]] std::vector<MilliNats> counted_strengths(std::span<const WeighedEvidence> evidence,
                                                       const Numbers& numbers);

/// State that a verdict passes to the next verdict on the same subject and activity.
struct CarriedState {
    Certainty held = Certainty::none;
    MilliNats refuting = 0; ///< total refuting strength (>= 0) when `held` was reached
    bool operator==(const CarriedState&) const = default;
};

struct Verdict {
    Certainty certainty = Certainty::none;
    MilliNats log_odds = 0;                          ///< prior plus all families
    std::array<MilliNats, family_count> by_family{}; ///< after caps
    CarriedState next;
    bool operator==(const Verdict&) const = default;
};

/// Sums the counted strengths per family and caps each sum. Then:
/// - `confirmed` needs two supporting families, one of them protocol, compute or destination;
/// - `probable` needs a supporting family other than load;
/// - while the log-odds stay at `suspected` or higher, only refuting evidence lowers a certainty
///   once reached, from Numbers::refuting_lowers_from on. Ageing of the supporting evidence does
///   not.
///
/// Evidence that refutes some connections does not refute what other connections showed. So the sum
/// is computed twice, and the higher one counts: once with all evidence, once without the refuted
/// connections (without the evidence that refutes them and the evidence that rests on them alone).
[[nodiscard]] Verdict judge(std::span<const WeighedEvidence> evidence, const CarriedState& carried,
                            const Numbers& numbers);

} // namespace minewarden::rules
