// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_set/rule_set.h"

#include <algorithm>

namespace minewarden::rules {

MilliNats Rule::weight_for(Activity activity) const {
    const auto found = std::ranges::find(weights, activity, &Weight::activity);
    return found == weights.end() ? 0 : found->milli_nats;
}

const Rule* RuleSet::find(std::string_view id) const {
    const auto found = std::ranges::find(rules_, id, &Rule::id);
    return found == rules_.end() ? nullptr : &*found;
}

std::string explain(const LocalizedText& text, Language language, const Observation& observation) {
    std::string_view rest = text.in(language);
    std::string filled;
    for (;;) {
        const std::size_t open = rest.find('{');
        const std::size_t close = rest.find('}', open);
        filled += rest.substr(0, open);
        if (open == std::string_view::npos || close == std::string_view::npos) return filled;
        const auto field = find_field(observation.type, rest.substr(open + 1, close - open - 1));
        filled += field ? to_display(observation.values[*field]) : "?";
        rest.remove_prefix(close + 1);
    }
}

} // namespace minewarden::rules
