// SPDX-License-Identifier: Apache-2.0
#include "collector/recompute/check_finding.h"

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
    const rules::Claim claim{
        .id = FindingId::from(as_bytes(finding.id())).value_or(FindingId{}),
        .agent_key = found.agent.view(),
        .activity = finding.activity(),
        .certainty = to_rules(finding.certainty()),
        .is_open = finding.state() == wire::FINDING_STATE_OPEN,
        .boot = BootId::from(as_bytes(subject.boot_id())).value_or(BootId{}),
        .image = {subject.pid(), subject.start_boottime_ns(), subject.image()}};
    auto checked = rules::check_claim(claim, as_bytes(finding.record()),
                                      [&](const Digest& digest) { return source.find(digest); });
    return {checked.result, std::move(checked.differences), std::move(checked.problem), now};
}

bool has_own_id(const StoredFinding& found) {
    const auto record = rules::decode_record(as_bytes(found.finding.record()));
    if (!record) return false;
    const auto own =
        rules::finding_id(found.agent.view(), record->boot, record->image, record->activity);
    return as_text(own.view()) == found.finding.id();
}

} // namespace minewarden::collector
