// SPDX-License-Identifier: Apache-2.0
// Findings with a real record, from rules, as an agent creates them.
#pragma once

#include "common/keys/curve_key.h"
#include "rules/verdict/claim.h"

#include <minewarden.pb.h>

namespace minewarden::test {

/// One rule, "test.login": a login makes mining.pool.client suspected.
[[nodiscard]] std::shared_ptr<const rules::RuleSet> proven_rules();
[[nodiscard]] wire::RuleSet to_wire(const rules::RuleSet& rules);

/// A login of pid `pid` on the boot 'bbbb...', judged by those rules: suspected.
[[nodiscard]] rules::VerdictRecord proven_record(std::uint32_t pid = 4242);
/// The same with the invented verdict `confirmed`.
[[nodiscard]] rules::VerdictRecord invented_record(std::uint32_t pid = 4242);

/// The finding that the agent with this key sends for this record.
[[nodiscard]] wire::Finding finding_of(const rules::VerdictRecord& record,
                                       const CurvePublicKey& agent);

} // namespace minewarden::test
