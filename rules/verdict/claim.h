// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/verdict/recompute.h"

#include <functional>
#include <memory>
#include <optional>

/// Checks whether the record of a finding proves the finding. All input is untrusted: a compromised
/// agent has a valid key.
namespace minewarden::rules {

/// The fields of a finding besides its record.
struct Claim {
    FindingId id;
    ByteView agent_key; ///< key the agent authenticated with; empty: do not check the id
    std::string activity;
    Certainty certainty = Certainty::none;
    bool is_open = true;
    BootId boot;
    /// nullopt: this version does not know the kind.
    std::optional<Subject> subject;
    Attributes attributes;
};

/// Returns the rule set with this digest, or nullptr if it is not available.
using FindRules = std::function<std::shared_ptr<const RuleSet>(const Digest&)>;

enum class ClaimResult {
    matched,
    mismatched,    ///< see `differences`
    rules_missing, ///< the rule set is not available, or not for this version
    newer_version, ///< written by a newer version: `problem` names the unknown parts
    unreadable,    ///< not a verdict record: see `problem`
};
[[nodiscard]] std::string_view to_string(ClaimResult result);

struct CheckedClaim {
    ClaimResult result = ClaimResult::unreadable;
    std::vector<Difference> differences;
    std::string problem;
    std::optional<DecodedRecord> decoded; ///< unless unreadable
};

/// Recomputes the verdict of the record `bytes` and compares record and verdict with the claim.
[[nodiscard]] CheckedClaim check_claim(const Claim& claim, ByteView bytes, const FindRules& rules);

} // namespace minewarden::rules
