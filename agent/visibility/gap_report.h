// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/visibility/place.h"
#include "common/clock.h"

#include <map>
#include <span>
#include <vector>

namespace minewarden::agent {

/// A place with its total count since the agent started.
struct Loss {
    std::string_view place; ///< static storage
    std::uint64_t total = 0;
    std::string_view meaning;
};
/// The losses among these counts (PlaceSpec::is_gap).
[[nodiscard]] std::vector<Loss> losses_of(const PlaceCounts& counts);

/// So many were lost at a place between two times.
struct Gap {
    std::string_view place;
    std::uint64_t lost = 0;
    WallTime from;
    WallTime until;
    std::string_view meaning;
};

/// Turns totals of losses into gaps, each loss into one.
class GapReport {
  public:
    explicit GapReport(WallTime started) : last_(started) {}

    /// The gaps since the last call.
    [[nodiscard]] std::vector<Gap> take(std::span<const Loss> losses, WallTime now);

  private:
    std::map<std::string_view, std::uint64_t> reported_; ///< totals, by place
    WallTime last_;
};

} // namespace minewarden::agent
