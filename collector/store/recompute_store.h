// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/findings.h"

#include <random>
#include <vector>

namespace minewarden::collector {

struct SampleSize {
    std::uint64_t per_mille = 1000; ///< of the versions, how many of a thousand
    std::size_t budget = 200;       ///< at most so many
};

struct FindingSample {
    std::vector<Cursor> chosen; ///< in the order of commits, each once
    std::uint64_t skipped = 0;  ///< of those asked for: more than the budget
    Cursor last;                ///< everything up to here was in the draw
};

/// What the recomputer asks of the store. It does not wait for other questions, nor they for it.
class RecomputeStore {
  public:
    virtual ~RecomputeStore() = default;

    /// Draws from the versions committed after `after`, evenly at random, so that an agent that
    /// sends much cannot know which of it will be recomputed.
    virtual Result<FindingSample> sample(Cursor after, const SampleSize& size,
                                         std::mt19937_64& random) = 0;
    /// The version committed at this place, if it is there.
    virtual Result<std::optional<StoredFinding>> finding_at(Cursor cursor) = 0;
    /// Where a follower has got to (UnitOfWork::advance); nullopt before its first step.
    virtual Result<std::optional<Cursor>> follower_position(std::string_view follower) = 0;
};

} // namespace minewarden::collector
