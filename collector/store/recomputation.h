// SPDX-License-Identifier: Apache-2.0
// The result of recomputing the verdict of a stored finding version.
#pragma once

#include "collector/store/cursor.h"
#include "common/clock.h"
#include "rules/verdict/claim.h"

#include <cstdint>
#include <string>
#include <vector>

namespace minewarden::collector {

struct Recomputation {
    rules::ClaimResult result = rules::ClaimResult::matched;
    std::vector<rules::Difference> differences; ///< only of a mismatch
    std::string problem;                        ///< why it could not be recomputed
    WallTime made_at;
    bool operator==(const Recomputation&) const = default;
};

/// The result for the version at a cursor.
struct RecomputedFinding {
    Cursor cursor;
    Recomputation recomputation;
};

} // namespace minewarden::collector
