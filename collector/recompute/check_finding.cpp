// SPDX-License-Identifier: Apache-2.0
#include "collector/recompute/check_finding.h"

#include "rules/wire/subject.h"

namespace minewarden::collector {
namespace {

rules::Certainty to_rules(wire::Certainty certainty) {
    switch (certainty) {
    case wire::CERTAINTY_SUSPECTED:
        return rules::Certainty::suspected;
    case wire::CERTAINTY_PROBABLE:
        return rules::Certainty::probable;
    case wire::CERTAINTY_CONFIRMED:
        return rules::Certainty::confirmed;
    default:
        return rules::Certainty::none;
    }
}

} // namespace

Recomputation check_finding(const StoredFinding& found, const RuleSource& source, WallTime now) {
    const wire::Finding& finding = found.finding;
    const wire::Subject& subject = finding.subject();
    const rules::Claim claim{.id = FindingId::from(as_bytes(finding.id())).value_or(FindingId{}),
                             .agent_key = found.agent.view(),
                             .activity = finding.activity(),
                             .certainty = to_rules(finding.certainty()),
                             .is_open = finding.state() == wire::FINDING_STATE_OPEN,
                             .boot = BootId::from(as_bytes(subject.boot_id())).value_or(BootId{}),
                             .subject = rules::subject_of(subject),
                             .attributes = rules::attributes_of(finding.attributes())};
    auto checked = rules::check_claim(claim, as_bytes(finding.record()),
                                      [&](const Digest& digest) { return source.find(digest); });
    return {checked.result, std::move(checked.differences), std::move(checked.problem), now};
}

bool has_own_id(const StoredFinding& found) {
    const auto decoded = rules::decode_record(as_bytes(found.finding.record()));
    if (!decoded || !decoded->newer.empty()) return false;
    const rules::VerdictRecord& record = decoded->record;
    const auto own =
        rules::finding_id(found.agent.view(), record.boot, record.subject, record.activity);
    return as_text(own.view()) == found.finding.id();
}

} // namespace minewarden::collector
