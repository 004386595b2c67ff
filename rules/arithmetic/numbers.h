// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/arithmetic/family.h"

#include <array>
#include <string>
#include <vector>

namespace minewarden::rules {

/// The numbers that turn evidence into certainty. They are data of a rule set ("numbers" in a rule
/// file, docs/verdicts.md) and covered by its digest, so a verdict is always recomputed with the
/// numbers it was made with.
struct Numbers {
    /// Log-odds that a subject picked at random does what an activity says.
    MilliNats prior = 0;
    /// Least log-odds of each certainty.
    MilliNats suspected_from = 0;
    MilliNats probable_from = 0;
    MilliNats confirmed_from = 0;
    /// A family counts as supporting, for the rules about families, from here.
    MilliNats family_supports_from = 0;
    /// How much of a supporting weight still counts, in thousandths, by the number of windows since
    /// the rule last held; 0 past the table.
    std::vector<std::int64_t> decay;
    /// The same for refuting weights.
    std::vector<std::int64_t> refuting_decay;
    /// The most that all evidence of one family together may count, for or against.
    std::array<MilliNats, family_count> caps{};

    [[nodiscard]] MilliNats cap_of(Family family) const {
        return caps[static_cast<std::size_t>(family)];
    }
    bool operator==(const Numbers&) const = default;
};

/// Bounds of what a rule file may give.
inline constexpr MilliNats maximum_log_odds = 100'000;
inline constexpr std::size_t maximum_decay_windows = 30;

/// What is wrong with them, or "": certainties in ascending order, decay that starts at 1000
/// and never rises, caps that are not negative, everything within its bounds.
[[nodiscard]] std::string problem_of(const Numbers& numbers);

} // namespace minewarden::rules
