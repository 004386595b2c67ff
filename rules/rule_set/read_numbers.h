// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/yaml/document.h"
#include "rules/arithmetic/numbers.h"

namespace minewarden::rules {

/// The section "numbers" of a rule file. What is wrong goes to `problems`.
[[nodiscard]] Numbers read_numbers(const yaml::Document& document, const yaml::Node& node,
                                   yaml::Diagnostics& problems);

} // namespace minewarden::rules
