// SPDX-License-Identifier: Apache-2.0
#include "collector/render/record_json.h"

#include "common/clock.h"
#include "rules/rule_set/explanation.h"
#include "rules/verdict/recompute.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace minewarden::collector {
namespace {

using nlohmann::json;

json to_json(const LocalizedText& text) {
    return {{"en", text.en}, {"zh", text.zh}};
}

json to_json(const cbor::Value& value) {
    if (const auto* held = value.get_if<bool>()) return *held;
    if (const auto* held = value.get_if<std::int64_t>()) return *held;
    if (const auto* held = value.get_if<std::string>()) return *held;
    if (const auto* held = value.get_if<cbor::Bytes>()) return to_hex(*held);
    if (const auto* held = value.get_if<cbor::Array>()) {
        json array = json::array();
        for (const cbor::Value& item : *held) array.push_back(to_json(item));
        return array;
    }
    if (const auto* held = value.get_if<cbor::Map>()) {
        json object = json::object();
        for (const auto& [key, item] : *held) object[key] = to_json(item);
        return object;
    }
    return nullptr;
}

const cbor::Value* find(const cbor::Value* value, std::string_view key) {
    const auto* map = value == nullptr ? nullptr : value->get_if<cbor::Map>();
    if (map == nullptr) return nullptr;
    const auto found = map->find(key);
    return found == map->end() ? nullptr : &found->second;
}

const cbor::Value* find(const cbor::Value* value, std::size_t index) {
    const auto* array = value == nullptr ? nullptr : value->get_if<cbor::Array>();
    return array == nullptr || index >= array->size() ? nullptr : &(*array)[index];
}

/// All fields of the record, including those that this version does not know. Histograms use the
/// names of their counts, if known.
json observed_json(const cbor::Value& fields, std::string_view type_name) {
    json observed = to_json(fields);
    const auto type = rules::find_observation(type_name);
    if (!type) return observed;
    for (auto& [name, value] : observed.items()) {
        const auto bins = rules::find_histogram(*type, name);
        if (!value.is_array() || value.size() != bins.size()) continue;
        json named = json::object();
        for (std::size_t i = 0; i < bins.size(); ++i) named[std::string(bins[i].bin)] = value[i];
        value = std::move(named);
    }
    return observed;
}

/// An instant of the subject's boot as wall time. Modulo 2^64: an agent may send anything.
WallTime wall_time(std::uint64_t boot_time_ns, const wire::Subject& subject) {
    return {
        static_cast<std::int64_t>(static_cast<std::uint64_t>(subject.booted_ns()) + boot_time_ns)};
}

/// The firing observation from the encoded record.
void add_observation(json& item, const cbor::Value* encoded, const wire::Subject& subject) {
    const cbor::Value* observation = find(find(find(encoded, "observations"), 0), "observation");
    const cbor::Value* type = find(observation, "type");
    const cbor::Value* time = find(observation, "time");
    const cbor::Value* fields = find(observation, "fields");
    const auto* name = type == nullptr ? nullptr : type->get_if<std::string>();
    const auto* ns = time == nullptr ? nullptr : time->get_if<std::int64_t>();
    if (name == nullptr || ns == nullptr || fields == nullptr) return;
    item["observation"] = *name;
    item["observed_at"] = to_rfc3339(wall_time(static_cast<std::uint64_t>(*ns), subject));
    item["observed"] = observed_json(*fields, *name);
}

/// What counts of each piece of evidence in the verdict.
std::vector<rules::MilliNats> counts_of(const rules::VerdictRecord& record,
                                        const rules::RuleSet& rules) {
    std::vector<rules::WeighedEvidence> weighed;
    for (const rules::RecordedEvidence& evidence : record.evidence) {
        const rules::Rule* rule = rules.find(evidence.rule);
        weighed.push_back({evidence.family, evidence.weight, evidence.age, evidence.entities,
                           rule == nullptr ? std::string_view() : rule->group});
    }
    return rules::counted_strengths(weighed, rules.numbers());
}

json evidence_json(const rules::RecordedEvidence& evidence, const cbor::Value* encoded,
                   const rules::RuleSet* rules, const wire::Subject& subject) {
    const cbor::Value* family = find(encoded, "family");
    json item{{"rule", evidence.rule},
              {"family", family == nullptr ? json() : to_json(*family)},
              {"side", evidence.weight >= 0 ? "for" : "against"},
              {"weight", evidence.weight},
              {"age", evidence.age},
              {"windows_held", evidence.windows_held},
              {"entities", evidence.entities.size()}};
    add_observation(item, encoded, subject);
    if (rules == nullptr) return item;
    const rules::Rule* rule = rules->find(evidence.rule);
    if (rule == nullptr) return item;
    if (!rule->group.empty()) item["group"] = rule->group;
    item["title"] = to_json(rule->title);
    if (evidence.observations.empty()) return item;
    const rules::Observation& observation = evidence.observations.front().observation;
    item["text"] = {{"en", rules::explain(rule->explanation, Language::en, observation)},
                    {"zh", rules::explain(rule->explanation, Language::zh, observation)}};
    return item;
}

json score_json(const rules::VerdictRecord& record) {
    json families = json::object();
    for (std::size_t i = 0; i < rules::family_count; ++i) {
        const rules::MilliNats score = record.verdict.by_family[i];
        if (score != 0) families[std::string(to_string(static_cast<rules::Family>(i)))] = score;
    }
    return {{"unit", "milli-nats"},
            {"prior", record.prior},
            {"families", std::move(families)},
            {"log_odds", record.verdict.log_odds}};
}

json thresholds_json(const rules::Numbers& numbers) {
    return {{"suspected", numbers.suspected_from},
            {"probable", numbers.probable_from},
            {"confirmed", numbers.confirmed_from}};
}

/// What the rules ask for in families that do not support the activity yet.
json settle_json(const rules::VerdictRecord& record, const rules::RuleSet& rules) {
    json list = json::array();
    for (const rules::Settlement& settlement : rules.settlements()) {
        const auto family = static_cast<std::size_t>(settlement.missing);
        if (!record.activity.is_under(settlement.activity_prefix)) continue;
        if (record.verdict.by_family[family] >= rules.numbers().family_supports_from) continue;
        list.push_back(
            {{"missing", to_string(settlement.missing)}, {"text", to_json(settlement.text)}});
    }
    return list;
}

} // namespace

void add_record(json& json, const wire::Finding& finding, const RuleSource& source) {
    json["record_sha256"] = to_hex(as_bytes(finding.record_sha256()));
    const auto decoded = rules::decode_record(as_bytes(finding.record()));
    if (!decoded) {
        json["record_problem"] = decoded.error().message;
        return;
    }
    const rules::VerdictRecord& record = decoded->record;
    if (!decoded->newer.empty()) {
        json["newer"] = decoded->newer;
        json["record_problem"] = rules::describe_newer(decoded->newer);
    }
    const auto rules = source.find(record.rule_set);
    json["rule_set"] = to_hex(record.rule_set);
    json["window"] = {{"number", record.window.number},
                      {"span_ms", record.window_span.count() / 1'000'000}};
    json["score"] = score_json(record);
    if (rules != nullptr) json["score"]["thresholds"] = thresholds_json(rules->numbers());
    const auto encoded_at = decoded->content.find("evidence");
    const cbor::Value* encoded =
        encoded_at == decoded->content.end() ? nullptr : &encoded_at->second;
    std::vector<nlohmann::json> evidence;
    const auto counts =
        rules == nullptr ? std::vector<rules::MilliNats>() : counts_of(record, *rules);
    for (std::size_t i = 0; i < record.evidence.size(); ++i) {
        evidence.push_back(
            evidence_json(record.evidence[i], find(encoded, i), rules.get(), finding.subject()));
        if (rules != nullptr) evidence.back()["counts"] = counts[i];
    }
    std::ranges::stable_sort(evidence, std::ranges::greater{}, [](const nlohmann::json& item) {
        const auto counts = item.find("counts");
        return std::abs((counts == item.end() ? item["weight"] : *counts).get<std::int64_t>());
    });
    json["evidence"] = std::move(evidence);
    if (rules != nullptr) json["settle"] = settle_json(record, *rules);
}

} // namespace minewarden::collector
