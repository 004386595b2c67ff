// SPDX-License-Identifier: Apache-2.0
#include "rules/arithmetic/numbers.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::rules {
namespace {

bool is_good_decay(const std::vector<std::int64_t>& decay) {
    return !decay.empty() && decay.size() <= maximum_decay_windows && decay.front() == 1000 &&
           decay.back() >= 0 && std::ranges::is_sorted(decay, std::ranges::greater());
}

} // namespace

std::string problem_of(const Numbers& numbers) {
    const auto is_bounded = [](MilliNats value) {
        return value >= -maximum_log_odds && value <= maximum_log_odds;
    };
    if (!is_bounded(numbers.prior) || numbers.prior >= numbers.suspected_from)
        return fmt::format("\"prior\" must be below \"suspected_from\" and at least {}",
                           -maximum_log_odds);
    if (numbers.suspected_from >= numbers.probable_from ||
        numbers.probable_from >= numbers.confirmed_from || !is_bounded(numbers.confirmed_from))
        return fmt::format("\"suspected_from\", \"probable_from\" and \"confirmed_from\" must "
                           "ascend, to at most {}",
                           maximum_log_odds);
    if (numbers.family_supports_from <= 0 || !is_bounded(numbers.family_supports_from))
        return fmt::format("\"family_supports_from\" must be from 1 to {}", maximum_log_odds);
    if (numbers.refuting_lowers_from <= 0 || !is_bounded(numbers.refuting_lowers_from))
        return fmt::format("\"refuting_lowers_from\" must be from 1 to {}", maximum_log_odds);
    for (const auto& [name, decay] : {std::pair("decay", &numbers.decay),
                                      std::pair("refuting_decay", &numbers.refuting_decay)}) {
        if (!is_good_decay(*decay))
            return fmt::format("\"{}\" must have 1 to {} numbers (thousandths) that begin at 1000 "
                               "and never rise",
                               name, maximum_decay_windows);
    }
    for (const MilliNats cap : numbers.caps) {
        if (cap < 0 || cap > maximum_log_odds)
            return fmt::format("each of \"caps\" must be from 0 to {}", maximum_log_odds);
    }
    return {};
}

} // namespace minewarden::rules
