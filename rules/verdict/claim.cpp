// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/claim.h"

#include <fmt/core.h>

namespace minewarden::rules {
namespace {

/// The certainty that the record proves. A closed finding keeps the certainty it had while open;
/// its last record has that as the carried state.
Certainty certainty_proven(const Claim& claim, const VerdictRecord& record) {
    const bool has_ended = !claim.is_open && record.verdict.certainty == Certainty::none;
    return has_ended ? record.carried.held : record.verdict.certainty;
}

void compare_claim(const Claim& claim, const VerdictRecord& record,
                   std::vector<Difference>& differences) {
    const auto compare = [&](std::string_view field, std::string reported, std::string recomputed) {
        if (reported != recomputed && differences.size() < most_differences)
            differences.push_back({std::string(field), std::move(reported), std::move(recomputed)});
    };
    compare("finding.certainty", std::string(to_string(claim.certainty)),
            std::string(to_string(certainty_proven(claim, record))));
    compare("finding.activity", claim.activity, std::string(record.activity.name()));
    compare("finding.boot_id", to_hex(claim.boot), to_hex(record.boot));
    compare("finding.subject", claim.subject ? to_display(*claim.subject) : "unknown",
            to_display(record.subject));
    for (std::size_t i = 0; i < attribute_count; ++i) {
        const auto attribute = static_cast<Attribute>(i);
        const auto text = [attribute](const Attributes& attributes) {
            const auto found = attributes.find(attribute);
            return found == attributes.end() ? std::string() : found->second;
        };
        compare(fmt::format("finding.attributes.{}", to_string(attribute)), text(claim.attributes),
                text(record.attributes));
    }
    if (!claim.agent_key.empty())
        compare("finding.id", to_hex(claim.id),
                to_hex(finding_id(claim.agent_key, record.boot, record.subject, record.activity)));
}

} // namespace

std::string_view to_string(ClaimResult result) {
    switch (result) {
    case ClaimResult::matched:
        return "matched";
    case ClaimResult::mismatched:
        return "mismatched";
    case ClaimResult::rules_missing:
        return "rules-missing";
    case ClaimResult::newer_version:
        return "newer-version";
    case ClaimResult::unreadable:
        return "unreadable";
    }
    return "";
}

CheckedClaim check_claim(const Claim& claim, ByteView bytes, const FindRules& rules) {
    CheckedClaim checked;
    auto decoded = decode_record(bytes);
    if (!decoded) {
        checked.problem = decoded.error().message;
        return checked;
    }
    checked.decoded = std::move(*decoded);
    if (!checked.decoded->newer.empty()) {
        checked.result = ClaimResult::newer_version;
        checked.problem = describe_newer(checked.decoded->newer);
        return checked;
    }
    const VerdictRecord& record = checked.decoded->record;
    compare_claim(claim, record, checked.differences);
    const auto rule_set = rules(record.rule_set);
    if (rule_set != nullptr) {
        // List the differences of the verdict first: they matter most.
        auto differences = differences_of(record, bytes, *rule_set);
        differences.insert(differences.end(), checked.differences.begin(),
                           checked.differences.end());
        if (differences.size() > most_differences) differences.resize(most_differences);
        checked.differences = std::move(differences);
    } else {
        checked.problem = fmt::format("the rule set {} is not available", to_hex(record.rule_set));
    }
    // A claim that contradicts its record is wrong whatever the rules are.
    if (!checked.differences.empty())
        checked.result = ClaimResult::mismatched;
    else
        checked.result = rule_set ? ClaimResult::matched : ClaimResult::rules_missing;
    return checked;
}

} // namespace minewarden::rules
