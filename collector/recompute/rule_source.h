// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/bytes.h"
#include "rules/rule_set/rule_set.h"

#include <memory>

namespace minewarden::collector {

/// The rules that verdicts were made by, to show their texts and to make verdicts again.
class RuleSource {
  public:
    virtual ~RuleSource() = default;
    /// nullptr if no agent sent these rules, or this program cannot read them. Any thread may ask.
    virtual std::shared_ptr<const rules::RuleSet> find(const Digest& digest) const = 0;
};

} // namespace minewarden::collector
