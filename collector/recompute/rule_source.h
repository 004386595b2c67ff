// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "rules/rule_set/rule_set.h"

#include <memory>

namespace minewarden::collector {

/// The rules of stored verdicts, to show their texts and to recompute verdicts.
class RuleSource {
  public:
    virtual ~RuleSource() = default;
    /// nullptr if no agent sent these rules, or this version cannot load them. Any thread may call.
    virtual std::shared_ptr<const rules::RuleSet> find(const Digest& digest) const = 0;
};

} // namespace minewarden::collector
