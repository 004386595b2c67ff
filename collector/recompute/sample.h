// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/stored.h"

#include <random>
#include <vector>

namespace minewarden::collector {

struct Sample {
    std::vector<Cursor> chosen; ///< ascending, each once
    std::uint64_t skipped = 0;  ///< of those asked for: more than the budget
};

/// Chooses from the rows after `after` up to `last`, evenly at random, so that nobody who sends
/// much can tell which of it will be looked at: `per_mille` of them, at most `budget`.
[[nodiscard]] Sample choose_sample(Cursor after, Cursor last, std::uint64_t per_mille,
                                   std::size_t budget, std::mt19937_64& random);

} // namespace minewarden::collector
