// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/arithmetic/judge.h"
#include "tests/rules/support/packs.h"

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

/// The numbers of a rule set whose files have none.
inline const Numbers& shipped_numbers() {
    static const auto rules = load(pack("numbers", "rules:\n" + rule({.id = "any"})));
    return rules->numbers();
}

inline MilliNats strength(const WeighedEvidence& evidence) {
    return rules::strength(evidence, shipped_numbers());
}
inline Verdict judge(const Evidence& evidence, const CarriedState& carried) {
    return rules::judge(evidence, carried, shipped_numbers());
}

} // namespace minewarden::rules::test
