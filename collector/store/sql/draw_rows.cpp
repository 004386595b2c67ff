// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sql/draw_rows.h"

#include <algorithm>
#include <set>

namespace minewarden::collector::sql {

DrawnRows draw_rows(std::int64_t after, std::int64_t last, const SampleSize& size,
                    std::mt19937_64& random) {
    DrawnRows drawn;
    if (last <= after || size.per_mille == 0) return drawn;
    const auto rows = static_cast<std::uint64_t>(last - after);
    const auto draw = [&](std::uint64_t below) {
        return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random);
    };
    // The remaining fraction of a row is one row with that probability.
    const std::uint64_t share = std::min<std::uint64_t>(size.per_mille, 1000);
    const std::uint64_t wanted = rows / 1000 * share + (rows % 1000 * share + draw(1000)) / 1000;
    const std::uint64_t taken = std::min<std::uint64_t>(wanted, size.budget);
    drawn.skipped = wanted - taken;
    // R. Floyd's sampling: one draw for each chosen row, however many there are.
    std::set<std::uint64_t> chosen;
    for (std::uint64_t top = rows - taken; top < rows; ++top) {
        const std::uint64_t at = draw(top + 1);
        chosen.insert(chosen.contains(at) ? top : at);
    }
    for (const std::uint64_t at : chosen)
        drawn.rows.push_back(after + 1 + static_cast<std::int64_t>(at));
    return drawn;
}

} // namespace minewarden::collector::sql
