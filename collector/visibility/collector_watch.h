// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/store/intake_store.h"

#include <map>

namespace minewarden::collector {

/// Detects which other collectors with the same database still run (docs/visibility.md). Each
/// increments a counter in the database while it runs. A collector whose counter is unchanged in
/// several looks is gone, and its agents are adopted. Looks are counted instead of time, because no
/// collector can count while the database is unavailable. One thread.
class CollectorWatch {
  public:
    /// A collector is gone after this many looks without a change.
    static constexpr int patience = 3;

    /// One look at all other collectors.
    void saw(const std::vector<OtherCollector>& others);
    [[nodiscard]] std::vector<CollectorId> gone() const;

  private:
    struct Seen {
        std::uint64_t beats = 0;
        int unchanged = 0; ///< looks without a change
    };
    std::map<CollectorId, Seen> others_;
};

} // namespace minewarden::collector
