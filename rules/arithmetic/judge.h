// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/arithmetic/family.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// From evidence to certainty, in integers and without a clock: the same input gives the same
/// verdict on any machine. docs/verdicts.md explains the numbers for people.
namespace minewarden::rules {

enum class Certainty { none = 0, suspected = 1, probable = 2, confirmed = 3 };

[[nodiscard]] std::string_view to_string(Certainty certainty);
[[nodiscard]] std::optional<Certainty> find_certainty(std::string_view name);

/// Log-odds that a process picked at random does what an activity says: one in ten thousand, the
/// base rate of infected flows and hosts in the literature (knowledge/detection.md 3.6).
inline constexpr MilliNats prior = -9210;

/// Least log-odds of each certainty: even odds, 95 %, 99.9 %.
inline constexpr MilliNats suspected_from = 0;
inline constexpr MilliNats probable_from = 2944;
inline constexpr MilliNats confirmed_from = 6907;

/// A family counts as supporting, for the rules about families, from odds of ten to one.
inline constexpr MilliNats family_supports_from = 2303;

/// How much of a supporting weight still counts, in thousandths, by the number of windows since the
/// rule last held. A pause of three windows is bridged; evidence that stopped closes a finding
/// after four to five.
inline constexpr std::array<std::int64_t, 30> decay{1000, 950, 900, 800, 500, 250, 120, 60, 30, 15,
                                                    8,    4,   2,   1,   0,   0,   0,   0,  0,  0,
                                                    0,    0,   0,   0,   0,   0,   0,   0,  0,  0};

/// The same for refuting weights. They say what a process does not do, which stops being true as
/// soon as it is no longer seen.
inline constexpr std::array<std::int64_t, 2> refuting_decay{1000, 500};

/// The most that all evidence of one family together may count, for or against.
[[nodiscard]] MilliNats cap_of(Family family);

/// A rule that held, as one activity sees it.
struct WeighedEvidence {
    Family family = Family::load;
    MilliNats weight = 0;
    std::int64_t age = 0; ///< windows since it last held
};

/// weight * decay[age] / 1000 (refuting_decay if negative), rounded toward zero; 0 past the table.
[[nodiscard]] MilliNats strength(const WeighedEvidence& evidence);

/// What a verdict hands to the next one of the same image and activity.
struct CarriedState {
    Certainty held = Certainty::none;
    MilliNats refuting = 0; ///< how much spoke against it (not negative) when `held` was reached
    bool operator==(const CarriedState&) const = default;
};

struct Verdict {
    Certainty certainty = Certainty::none;
    MilliNats log_odds = prior;                      ///< prior plus all families
    std::array<MilliNats, family_count> by_family{}; ///< after caps
    CarriedState next;
    bool operator==(const Verdict&) const = default;
};

/// Sums strengths per family and caps them. Then:
/// - `confirmed` needs two supporting families, one of them protocol, compute or destination;
/// - `probable` needs a supporting family other than load;
/// - while the log-odds stay at `suspected` or more, a certainty once reached is lowered by
/// evidence
///   against it, never by the mere age of the evidence for it.
[[nodiscard]] Verdict judge(std::span<const WeighedEvidence> evidence, const CarriedState& carried);

} // namespace minewarden::rules
