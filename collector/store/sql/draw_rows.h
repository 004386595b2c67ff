// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/recompute_store.h"

#include <random>
#include <vector>

namespace minewarden::collector::sql {

struct DrawnRows {
    std::vector<std::int64_t> rows; ///< ascending, no duplicates
    std::uint64_t skipped = 0;      ///< drawn, but beyond the budget
};

/// Draws uniformly at random from the rows after `after` up to `last`.
[[nodiscard]] DrawnRows draw_rows(std::int64_t after, std::int64_t last, const SampleSize& size,
                                  std::mt19937_64& random);

} // namespace minewarden::collector::sql
