// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/verdict/recompute.h"

#include <functional>
#include <memory>
#include <optional>

/// Whether a finding, as its agent sent it, is what its record proves. Everything in it may be a
/// lie: an agent that was taken over has a valid key.
namespace minewarden::rules {

/// What a finding says beside its record.
struct Claim {
    FindingId id;
    ByteView agent_key; ///< the key the agent authenticated with; empty: the id is not checked
    std::string activity;
    Certainty certainty = Certainty::none;
    bool is_open = true;
    BootId boot;
    /// nullopt: of a kind that this version does not know.
    std::optional<Subject> subject;
    Attributes attributes;
};

/// The rules of a digest, nullptr if they are not at hand.
using FindRules = std::function<std::shared_ptr<const RuleSet>(const Digest&)>;

enum class ClaimResult {
    matched,
    mismatched,    ///< `differences` says where
    rules_missing, ///< the agent did not send the rules it names, or not for this version
    newer_version, ///< written by a newer version: `problem` names what is not known here
    unreadable,    ///< no verdict record: `problem` says why
};
[[nodiscard]] std::string_view to_string(ClaimResult result);

struct CheckedClaim {
    ClaimResult result = ClaimResult::unreadable;
    std::vector<Difference> differences;
    std::string problem;
    std::optional<DecodedRecord> decoded; ///< if it could be read
};

/// Recomputes the verdict of the record `bytes`, and compares both with the claim.
[[nodiscard]] CheckedClaim check_claim(const Claim& claim, ByteView bytes, const FindRules& rules);

} // namespace minewarden::rules
