// SPDX-License-Identifier: Apache-2.0
// Findings with a real record, made by rules as an agent makes them.
#pragma once

#include "common/keys/curve_key.h"
#include "rules/verdict/claim.h"

#include <minewarden.pb.h>

namespace minewarden::test {

/// One rule, "test.login", on which a login makes mining.pool.client suspected.
[[nodiscard]] std::shared_ptr<const rules::RuleSet> proven_rules();
[[nodiscard]] wire::RuleSet to_wire(const rules::RuleSet& rules);

/// A login of pid `pid` on the boot 'bbbb...', judged by those rules: suspected.
[[nodiscard]] rules::VerdictRecord proven_record(std::uint32_t pid = 4242);
/// The same with a verdict of `confirmed`, which nothing in it gives.
[[nodiscard]] rules::VerdictRecord invented_record(std::uint32_t pid = 4242);

/// What the agent with this key would send for such a record.
[[nodiscard]] wire::Finding finding_of(const rules::VerdictRecord& record,
                                       const CurvePublicKey& agent);

} // namespace minewarden::test
