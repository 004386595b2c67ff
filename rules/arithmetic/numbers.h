// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/arithmetic/family.h"

#include <array>
#include <string>
#include <vector>

namespace minewarden::rules {

/// The numbers that turn evidence into certainty. They are data of a rule set ("numbers" in a rule
/// file, docs/verdicts.md), and its digest covers them. So a verdict is always recomputed with its
/// original numbers.
struct Numbers {
    /// Log-odds that a random subject performs a given activity.
    MilliNats prior = 0;
    /// Lowest log-odds for each certainty.
    MilliNats suspected_from = 0;
    MilliNats probable_from = 0;
    MilliNats confirmed_from = 0;
    /// Log-odds from which a family counts as supporting (see judge()).
    MilliNats family_supports_from = 0;
    /// A certainty that was reached is lowered by at least this much more refuting strength than
    /// when it was reached. 1, as in rule sets that do not say: by any.
    MilliNats refuting_lowers_from = 1;
    /// Share of a supporting weight that still counts, in thousandths, by number of windows since
    /// the rule last held. 0 past the end of the table.
    std::vector<std::int64_t> decay;
    /// The same for refuting weights.
    std::vector<std::int64_t> refuting_decay;
    /// Upper limit, per family, on the sum of its evidence, for or against.
    std::array<MilliNats, family_count> caps{};

    [[nodiscard]] MilliNats cap_of(Family family) const {
        return caps[static_cast<std::size_t>(family)];
    }
    bool operator==(const Numbers&) const = default;
};

/// Limits on the values in a rule file.
inline constexpr MilliNats maximum_log_odds = 100'000;
inline constexpr std::size_t maximum_decay_windows = 30;

/// The first problem, or "". Checks that thresholds ascend, that decay starts at 1000 and never
/// rises, that caps are not negative, and that all values are within the limits.
[[nodiscard]] std::string problem_of(const Numbers& numbers);

} // namespace minewarden::rules
