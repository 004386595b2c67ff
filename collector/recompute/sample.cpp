// SPDX-License-Identifier: Apache-2.0
#include "collector/recompute/sample.h"

#include <algorithm>
#include <set>

namespace minewarden::collector {

Sample choose_sample(Cursor after, Cursor last, std::uint64_t per_mille, std::size_t budget,
                     std::mt19937_64& random) {
    Sample sample;
    if (last <= after || per_mille == 0) return sample;
    const std::uint64_t rows = last - after;
    const auto draw = [&](std::uint64_t below) {
        return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random);
    };
    // The fraction of a row that is left is one row now and then.
    const std::uint64_t share = std::min<std::uint64_t>(per_mille, 1000);
    const std::uint64_t wanted = rows / 1000 * share + (rows % 1000 * share + draw(1000)) / 1000;
    const std::uint64_t taken = std::min<std::uint64_t>(wanted, budget);
    sample.skipped = wanted - taken;
    // R. Floyd's sampling: one draw for each chosen row, however many there are.
    std::set<Cursor> chosen;
    for (std::uint64_t top = rows - taken; top < rows; ++top) {
        const std::uint64_t at = draw(top + 1);
        chosen.insert(chosen.contains(after + 1 + at) ? after + 1 + top : after + 1 + at);
    }
    sample.chosen.assign(chosen.begin(), chosen.end());
    return sample;
}

} // namespace minewarden::collector
