// SPDX-License-Identifier: Apache-2.0
#include "agent/visibility/gap_report.h"

#include <algorithm>
#include <utility>

namespace minewarden::agent {

static_assert(std::ranges::all_of(place_specs,
                                  [i = std::size_t{0}](const PlaceSpec& spec) mutable {
                                      return static_cast<std::size_t>(spec.place) == i++;
                                  }),
              "place_specs are in the order of Place");

std::vector<Loss> losses_of(const PlaceCounts& counts) {
    std::vector<Loss> losses;
    for (const PlaceSpec& spec : place_specs)
        if (spec.is_gap) losses.push_back({spec.name, counts[spec.place], spec.meaning});
    return losses;
}

std::vector<Gap> GapReport::take(std::span<const Loss> losses, WallTime now) {
    const WallTime from = std::exchange(last_, now);
    std::vector<Gap> gaps;
    for (const Loss& loss : losses) {
        std::uint64_t& reported = reported_[loss.place];
        if (loss.total > reported)
            gaps.push_back({loss.place, loss.total - reported, from, now, loss.meaning});
        reported = loss.total;
    }
    return gaps;
}

} // namespace minewarden::agent
