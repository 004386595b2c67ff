// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"

#include <map>

namespace minewarden::collector {

/// Which of the other collectors over the same database still run (docs/visibility.md). Each counts
/// up in the database while it runs; one that did not in several looks is gone, and its agents are
/// adopted. Looks are counted and not time: while the database is away nobody can count up. One
/// thread.
class CollectorWatch {
  public:
    /// Looks without a change until a collector is gone.
    static constexpr int patience = 3;

    /// A look at all others.
    void saw(const std::vector<OtherCollector>& others);
    [[nodiscard]] std::vector<CollectorId> gone() const;

  private:
    struct Seen {
        std::uint64_t beats = 0;
        int unchanged = 0; ///< looks
    };
    std::map<CollectorId, Seen> others_;
};

} // namespace minewarden::collector
