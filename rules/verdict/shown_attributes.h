// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/rule_set/rule_set.h"

#include <span>

namespace minewarden::rules {

/// Evidence for an activity that may show attributes of it.
struct AttributeSource {
    const Rule* rule = nullptr;
    const Observation* observation = nullptr; ///< the firing one
    MilliNats strength = 0;                   ///< what counts of it now
};

/// Each attribute gets the value that the strongest supporting evidence shows, by the sum of
/// strengths; of equals the first in alphabetical order. Upper-case letters of a field become lower
/// case. Evidence against shows nothing.
[[nodiscard]] Attributes shown_attributes(std::span<const AttributeSource> evidence);

} // namespace minewarden::rules
