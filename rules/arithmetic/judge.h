// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/arithmetic/numbers.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// From evidence to certainty, in integers and without a clock: the same input gives the same
/// verdict on any machine. docs/verdicts.md explains the arithmetic for people.
namespace minewarden::rules {

enum class Certainty { none = 0, suspected = 1, probable = 2, confirmed = 3 };

[[nodiscard]] std::string_view to_string(Certainty certainty);
[[nodiscard]] std::optional<Certainty> find_certainty(std::string_view name);

/// A rule that held, as one activity sees it.
struct WeighedEvidence {
    Family family = Family::load;
    MilliNats weight = 0;
    std::int64_t age = 0; ///< windows since it last held
    /// The connections or threads that it is about, ascending; empty: the subject as a whole.
    /// Points into what the evidence was made of.
    std::span<const std::int64_t> entities = {};
};

/// weight * decay[age] / 1000 (refuting_decay if negative), rounded toward zero; 0 past the table.
[[nodiscard]] MilliNats strength(const WeighedEvidence& evidence, const Numbers& numbers);

/// What a verdict hands to the next one of the same subject and activity.
struct CarriedState {
    Certainty held = Certainty::none;
    MilliNats refuting = 0; ///< how much spoke against it (not negative) when `held` was reached
    bool operator==(const CarriedState&) const = default;
};

struct Verdict {
    Certainty certainty = Certainty::none;
    MilliNats log_odds = 0;                          ///< prior plus all families
    std::array<MilliNats, family_count> by_family{}; ///< after caps
    CarriedState next;
    bool operator==(const Verdict&) const = default;
};

/// Sums strengths per family and caps them. Then:
/// - `confirmed` needs two supporting families, one of them protocol, compute or destination;
/// - `probable` needs a supporting family other than load;
/// - while the log-odds stay at `suspected` or more, a certainty once reached is lowered by
///   evidence against it, never by the mere age of the evidence for it.
///
/// Evidence against some connections does not refute what others showed: either all evidence
/// counts, or the evidence that rests on refuted connections alone is left out together with what
/// refutes them, whichever gives more.
[[nodiscard]] Verdict judge(std::span<const WeighedEvidence> evidence, const CarriedState& carried,
                            const Numbers& numbers);

} // namespace minewarden::rules
