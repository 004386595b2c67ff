// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/record.h"

namespace minewarden::rules {
namespace {

cbor::Map encode(const CarriedState& state) {
    cbor::Map map;
    map.emplace("held", std::string(to_string(state.held)));
    map.emplace("refuting", state.refuting);
    return map;
}

cbor::Map encode(const RecordedEvidence& evidence) {
    cbor::Array observations;
    for (const PlacedObservation& placed : evidence.observations) {
        cbor::Map entry;
        entry.emplace("back", placed.windows_back);
        entry.emplace("observation", to_cbor(placed.observation));
        observations.emplace_back(std::move(entry));
    }
    cbor::Array entities;
    for (const std::int64_t entity : evidence.entities) entities.emplace_back(entity);
    cbor::Map map;
    map.emplace("rule", evidence.rule);
    map.emplace("family", std::string(to_string(evidence.family)));
    map.emplace("weight", evidence.weight);
    map.emplace("age", evidence.age);
    map.emplace("windows_held", evidence.windows_held);
    map.emplace("entities", std::move(entities));
    map.emplace("observations", std::move(observations));
    return map;
}

cbor::Map encode_verdict(const VerdictRecord& record) {
    const Verdict& verdict = record.verdict;
    cbor::Map families;
    for (std::size_t i = 0; i < family_count; ++i) {
        if (verdict.by_family[i] == 0) continue;
        families.emplace(to_string(static_cast<Family>(i)), verdict.by_family[i]);
    }
    cbor::Map attributes;
    for (const auto& [attribute, value] : record.attributes)
        attributes.emplace(to_string(attribute), value);
    cbor::Map map;
    map.emplace("certainty", std::string(to_string(verdict.certainty)));
    map.emplace("prior", record.prior);
    map.emplace("families", std::move(families));
    map.emplace("log_odds", verdict.log_odds);
    map.emplace("attributes", std::move(attributes));
    map.emplace("next", encode(verdict.next));
    map.emplace("next_sha256", digest_of(verdict.next).view());
    return map;
}

} // namespace

Digest digest_of(const CarriedState& state) {
    return sha256(as_bytes(cbor::encode(encode(state))));
}

std::string encode_record(const VerdictRecord& record) {
    cbor::Array evidence;
    for (const RecordedEvidence& item : record.evidence) evidence.emplace_back(encode(item));
    cbor::Map map;
    map.emplace("format", "minewarden.verdict/2");
    map.emplace("rule_set", record.rule_set.view());
    map.emplace("boot_id", record.boot.view());
    map.emplace("subject", to_cbor(record.subject));
    map.emplace("activity", record.activity.name());
    map.emplace("window", record.window.number);
    map.emplace("window_ns", std::int64_t{record.window_span.count()});
    map.emplace("carried", encode(record.carried));
    map.emplace("carried_sha256", digest_of(record.carried).view());
    map.emplace("evidence", std::move(evidence));
    map.emplace("verdict", encode_verdict(record));
    return cbor::encode(map);
}

FindingId finding_id(ByteView agent_key, const BootId& boot, const Subject& subject,
                     Activity activity) {
    const cbor::Array parts{cbor::Value(agent_key), cbor::Value(boot.view()),
                            cbor::Value(to_cbor(subject)), cbor::Value(activity.name())};
    const Digest digest = sha256(as_bytes(cbor::encode(parts)));
    return *FindingId::from(digest.view().first(FindingId::size));
}

} // namespace minewarden::rules
