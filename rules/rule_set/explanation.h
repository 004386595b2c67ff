// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/language.h"
#include "rules/observation/observation.h"

#include <string>

/// An explanation is a text with placeholders for observed values: {field}, or {field%} to show a
/// field in thousandths as percent.
namespace minewarden::rules {

/// Why a text is not valid for observations of this type, or "".
[[nodiscard]] std::string problem_of_explanation(std::string_view text, ObservationType type);

/// Fills in the placeholders; unknown values show as "?".
[[nodiscard]] std::string explain(const LocalizedText& text, Language language,
                                  const Observation& observation);

} // namespace minewarden::rules
