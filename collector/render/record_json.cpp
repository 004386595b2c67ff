// SPDX-License-Identifier: Apache-2.0
#include "collector/render/record_json.h"

#include "common/clock.h"
#include "rules/verdict/record.h"

#include <algorithm>

namespace minewarden::collector {
namespace {

using nlohmann::json;

json to_json(const LocalizedText& text) {
    return {{"en", text.en}, {"zh", text.zh}};
}

json to_json(const rules::Value& value) {
    if (const auto* held = std::get_if<bool>(&value)) return *held;
    if (const auto* held = std::get_if<std::int64_t>(&value)) return *held;
    if (std::holds_alternative<std::monostate>(value)) return nullptr;
    return rules::to_display(value);
}

json fields_of(const rules::Observation& observation) {
    json fields = json::object();
    const auto& specs = rules::spec_of(observation.type).fields;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        if (!std::holds_alternative<std::monostate>(observation.values[i]))
            fields[std::string(specs[i].name)] = to_json(observation.values[i]);
    }
    return fields;
}

/// An instant of the subject's boot as wall time, by the start that the agent gave in both clocks.
/// Modulo 2^64: what an agent sends may be anything.
WallTime wall_time(BootTime time, const wire::Subject& subject) {
    const auto start = static_cast<std::uint64_t>(subject.started_ns());
    return {static_cast<std::int64_t>(start + (time.ns - subject.start_boottime_ns()))};
}

json evidence_json(const rules::RecordedEvidence& evidence, const rules::RuleSet* rules,
                   const wire::Subject& subject) {
    const rules::MilliNats counts =
        rules::strength({evidence.family, evidence.weight, evidence.age});
    json item{{"rule", evidence.rule},
              {"family", rules::to_string(evidence.family)},
              {"side", evidence.weight >= 0 ? "for" : "against"},
              {"weight", evidence.weight},
              {"counts", counts},
              {"age", evidence.age},
              {"windows_held", evidence.windows_held},
              {"entities", evidence.entities}};
    const rules::Rule* rule = rules == nullptr ? nullptr : rules->find(evidence.rule);
    if (rule != nullptr) item["title"] = to_json(rule->title);
    if (evidence.observations.empty()) return item;
    const rules::Observation& observation = evidence.observations.front().observation;
    item["observation"] = rules::spec_of(observation.type).name;
    item["observed_at"] = to_rfc3339(wall_time(observation.time, subject));
    item["observed"] = fields_of(observation);
    if (rule != nullptr)
        item["text"] = {{"en", rules::explain(rule->explanation, Language::en, observation)},
                        {"zh", rules::explain(rule->explanation, Language::zh, observation)}};
    return item;
}

json score_json(const rules::Verdict& verdict) {
    json families = json::object();
    for (std::size_t i = 0; i < rules::family_count; ++i) {
        if (verdict.by_family[i] != 0)
            families[std::string(to_string(static_cast<rules::Family>(i)))] = verdict.by_family[i];
    }
    return {{"unit", "milli-nats"},
            {"prior", rules::prior},
            {"families", std::move(families)},
            {"log_odds", verdict.log_odds}};
}

/// What the rules name for families that do not support the activity so far.
json settle_json(const rules::VerdictRecord& record, const rules::RuleSet& rules) {
    json list = json::array();
    for (const rules::Settlement& settlement : rules.settlements()) {
        const auto family = static_cast<std::size_t>(settlement.missing);
        if (!record.activity.is_under(settlement.activity_prefix)) continue;
        if (record.verdict.by_family[family] >= rules::family_supports_from) continue;
        list.push_back(
            {{"missing", to_string(settlement.missing)}, {"text", to_json(settlement.text)}});
    }
    return list;
}

} // namespace

void add_record(json& json, const wire::Finding& finding, const RuleSource& source) {
    json["record_sha256"] = to_hex(as_bytes(finding.record_sha256()));
    auto record = rules::decode_record(as_bytes(finding.record()));
    if (!record) {
        json["record_problem"] = record.error().message;
        return;
    }
    const auto rules = source.find(record->rule_set);
    json["rule_set"] = to_hex(record->rule_set);
    json["window"] = {{"number", record->window.number},
                      {"span_ms", record->window_span.count() / 1'000'000}};
    json["score"] = score_json(record->verdict);
    std::ranges::stable_sort(
        record->evidence, std::ranges::greater{}, [](const rules::RecordedEvidence& evidence) {
            return std::abs(rules::strength({evidence.family, evidence.weight, evidence.age}));
        });
    json["evidence"] = nlohmann::json::array();
    for (const rules::RecordedEvidence& evidence : record->evidence)
        json["evidence"].push_back(evidence_json(evidence, rules.get(), finding.subject()));
    if (rules != nullptr) json["settle"] = settle_json(*record, *rules);
}

} // namespace minewarden::collector
