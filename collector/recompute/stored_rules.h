// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/recompute/rule_source.h"
#include "collector/store/findings.h"

#include <list>
#include <mutex>
#include <utility>

namespace minewarden::collector {

/// Compiled rule sets from the store. Caches the most recently used ones.
class StoredRules final : public RuleSource {
  public:
    /// `store` outlives the rules.
    explicit StoredRules(FindingQueries& store) : store_(store) {}

    std::shared_ptr<const rules::RuleSet> find(const Digest& digest) const override;

  private:
    using Entry = std::pair<Digest, std::shared_ptr<const rules::RuleSet>>;

    [[nodiscard]] std::shared_ptr<const rules::RuleSet> load(const Digest& digest) const;

    FindingQueries& store_;
    mutable std::mutex mutex_;
    mutable std::list<Entry> recent_; ///< most recently used first
};

} // namespace minewarden::collector
