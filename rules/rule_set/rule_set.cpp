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

} // namespace minewarden::rules
