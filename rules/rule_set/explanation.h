// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"
#include "rules/observation/observation.h"

#include <string>

/// Explanations are texts with places for what was observed: {field}, or {field%} for a field in
/// thousandths that is shown in percent.
namespace minewarden::rules {

/// Why a text cannot be filled from observations of this type, or "".
[[nodiscard]] std::string problem_of_explanation(std::string_view text, ObservationType type);

/// Fills the places of an explanation; a place that cannot be filled shows "?".
[[nodiscard]] std::string explain(const LocalizedText& text, Language language,
                                  const Observation& observation);

} // namespace minewarden::rules
