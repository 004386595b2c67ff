// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/rule_set/rule_set.h"

#include <span>

namespace minewarden::rules {

/// Evidence for an activity that may have attributes.
struct AttributeSource {
    const Rule* rule = nullptr;
    const Observation* observation = nullptr; ///< the one that fired the rule
    MilliNats strength = 0;                   ///< current strength
};

/// For each attribute, takes the value with the greatest sum of supporting strengths; if equal, the
/// first in alphabetical order. Lower-cases field values. Ignores refuting evidence.
[[nodiscard]] Attributes shown_attributes(std::span<const AttributeSource> evidence);

} // namespace minewarden::rules
