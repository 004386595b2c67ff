// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/yaml/document.h"
#include "rules/arithmetic/numbers.h"

namespace minewarden::rules {

/// Reads the section "numbers" of a rule file. Appends problems to `problems`.
[[nodiscard]] Numbers read_numbers(const yaml::Document& document, const yaml::Node& node,
                                   yaml::Diagnostics& problems);

} // namespace minewarden::rules
