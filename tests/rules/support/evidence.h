// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/arithmetic/judge.h"

#include <ostream>
#include <vector>

namespace minewarden::rules {

inline void PrintTo(Certainty certainty, std::ostream* out) {
    *out << to_string(certainty);
}

} // namespace minewarden::rules

namespace minewarden::rules::test {

using Evidence = std::vector<WeighedEvidence>;

inline WeighedEvidence evidence(Family family, MilliNats weight, std::int64_t age = 0) {
    return {family, weight, age};
}

} // namespace minewarden::rules::test
