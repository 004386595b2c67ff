// SPDX-License-Identifier: Apache-2.0
#include "collector/render/finding_json.h"

#include "collector/render/recomputation_json.h"
#include "collector/render/record_json.h"
#include "collector/render/subject_json.h"
#include "common/wire/activity.h"
#include "rules/wire/subject.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace minewarden::collector {
namespace {

using nlohmann::json;

json render_attributes(const wire::Attributes& attributes) {
    json rendered = json::object();
    for (const auto& [attribute, value] : rules::attributes_of(attributes))
        rendered[std::string(rules::to_string(attribute))] = value;
    return rendered;
}

} // namespace

std::string_view state_name(wire::FindingState state) {
    return state == wire::FINDING_STATE_CLOSED ? "closed" : "open";
}

std::string_view certainty_name(wire::Certainty certainty) {
    switch (certainty) {
    case wire::CERTAINTY_SUSPECTED:
        return "suspected";
    case wire::CERTAINTY_PROBABLE:
        return "probable";
    case wire::CERTAINTY_CONFIRMED:
        return "confirmed";
    default:
        return "unspecified";
    }
}

namespace {

/// The members common to lists and single findings.
json render_head(const FindingSummary& found) {
    const wire::Finding& finding = found.finding;
    json rendered = render_version(found);
    rendered["id"] = to_hex(as_bytes(finding.id()));
    rendered["activity"] = finding.activity();
    if (const auto activity = Activity::find(finding.activity()))
        rendered["activity_title"] = {{"en", activity->title().en}, {"zh", activity->title().zh}};
    rendered["opened_at"] = to_rfc3339({finding.opened_ns()});
    rendered["host_name"] = found.host_name;
    rendered["agent"] = {{"name", found.agent_name},
                         {"key", fingerprint(found.agent)},
                         {"public_key", to_hex(found.agent)}};
    return rendered;
}

} // namespace

json render_finding(const StoredFinding& found, const RuleSource& rules) {
    json rendered = render_head(found);
    rendered["subject"] = render_subject(found.finding.subject());
    rendered["attributes"] = render_attributes(found.finding.attributes());
    add_record(rendered, found.finding, rules);
    return rendered;
}

json render_summary(const FindingSummary& found) {
    json rendered = render_head(found);
    const json subject = render_subject(found.finding.subject());
    // Those that this kind of subject has.
    for (const char* key :
         {"kind", "pid", "command", "executable", "user_id", "cgroup_id", "inode", "pci_address"})
        if (subject.contains(key)) rendered["subject"][key] = subject.at(key);
    if (subject.contains("workload"))
        rendered["subject"]["workload"]["label"] = subject.at("workload").at("label");
    return rendered;
}

json render_version(const FindingSummary& found) {
    const wire::Finding& finding = found.finding;
    return {{"cursor", found.cursor.text()},
            {"version", finding.version()},
            {"current", found.current},
            {"state", state_name(finding.state())},
            {"certainty", certainty_name(finding.certainty())},
            {"close_reason", finding.close_reason()},
            {"changed_at", to_rfc3339({finding.changed_ns()})},
            {"received_at", to_rfc3339(found.received_at)},
            {"recomputed", render_recomputation(found.recomputation)}};
}

namespace {

/// JavaScript and other readers hold numbers as doubles, which are exact up to here (RFC 8259, 6).
constexpr std::int64_t largest_exact = std::int64_t{1} << 53;

bool is_inexact(const json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>() > largest_exact;
    if (!value.is_number_integer()) return false;
    const auto number = value.get<std::int64_t>();
    return number > largest_exact || number < -largest_exact;
}

bool has_inexact(const json& value) {
    return value.is_structured() ? std::ranges::any_of(value, has_inexact) : is_inexact(value);
}

void write_inexact_as_text(json& value) {
    if (value.is_structured())
        std::ranges::for_each(value, write_inexact_as_text);
    else if (is_inexact(value))
        value = value.dump();
}

} // namespace

std::string to_text(const json& value) {
    if (has_inexact(value)) {
        json exact = value;
        write_inexact_as_text(exact);
        return to_text(exact);
    }
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace minewarden::collector
