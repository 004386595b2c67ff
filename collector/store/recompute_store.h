// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/findings.h"

#include <random>
#include <vector>

namespace minewarden::collector {

struct SampleSize {
    std::uint64_t per_mille = 1000; ///< versions to draw of each thousand
    std::size_t budget = 200;       ///< maximum number of versions
};

struct FindingSample {
    std::vector<Cursor> chosen; ///< in the order of commits, no duplicates
    std::uint64_t skipped = 0;  ///< drawn, but beyond the budget
    Cursor last;                ///< the draw covered everything up to here
};

/// The store for the recomputer. Its queries and all others do not wait for each other.
class RecomputeStore {
  public:
    virtual ~RecomputeStore() = default;

    /// Draws uniformly at random from the versions committed after `after`, so that an agent cannot
    /// know which ones are recomputed.
    virtual Result<FindingSample> sample(Cursor after, const SampleSize& size,
                                         std::mt19937_64& random) = 0;
    /// The version at this cursor, if any.
    virtual Result<std::optional<StoredFinding>> finding_at(Cursor cursor) = 0;
    /// The position of a follower (UnitOfWork::advance); nullopt before its first step.
    virtual Result<std::optional<Cursor>> follower_position(std::string_view follower) = 0;
};

} // namespace minewarden::collector
