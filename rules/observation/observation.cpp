// SPDX-License-Identifier: Apache-2.0
#include "rules/observation/observation.h"

#include <limits>

namespace minewarden::rules {
namespace {

Failure<Error> malformed(const char* what) {
    return fail(ErrorKind::data, std::string("not an observation: ") + what);
}

} // namespace

cbor::Value to_cbor(const Observation& observation) {
    const ObservationSpec& spec = spec_of(observation.type);
    cbor::Map fields;
    for (std::size_t i = 0; i < spec.fields.size(); ++i) {
        if (std::holds_alternative<std::monostate>(observation.values[i])) continue;
        fields.emplace(spec.fields[i].name, to_cbor(observation.values[i]));
    }
    cbor::Map map;
    map.emplace("type", spec.name);
    map.emplace("time", static_cast<std::int64_t>(observation.time.ns));
    map.emplace("entity", observation.entity);
    map.emplace("fields", std::move(fields));
    return map;
}

Result<Observation> observation_from_cbor(const cbor::Value& encoded) {
    const auto* map = encoded.get_if<cbor::Map>();
    if (map == nullptr || map->size() != 4) return malformed("expected a map of four");
    const auto get = [&](std::string_view key) -> const cbor::Value* {
        const auto found = map->find(key);
        return found == map->end() ? nullptr : &found->second;
    };
    const cbor::Value* type_value = get("type");
    const cbor::Value* time_value = get("time");
    const cbor::Value* entity_value = get("entity");
    const cbor::Value* fields_value = get("fields");
    if (!type_value || !time_value || !entity_value || !fields_value)
        return malformed("a key is missing");
    const auto* type_name = type_value->get_if<std::string>();
    const auto* time = time_value->get_if<std::int64_t>();
    const auto* entity = entity_value->get_if<std::int64_t>();
    const auto* fields = fields_value->get_if<cbor::Map>();
    if (!type_name || !time || *time < 0 || !entity || !fields)
        return malformed("a value has the wrong type");
    const auto type = find_observation(*type_name);
    if (!type) return malformed("unknown type");

    Observation observation(*type);
    observation.time = {static_cast<std::uint64_t>(*time)};
    observation.entity = *entity;
    for (const auto& [name, value] : *fields) {
        const auto field = find_field(*type, name);
        if (!field) return malformed("unknown field");
        auto decoded = from_cbor(value, spec_of(*type).fields[*field].type);
        if (!decoded || std::holds_alternative<std::monostate>(*decoded))
            return malformed("a field has the wrong type");
        observation.set(*field, std::move(*decoded));
    }
    return observation;
}

} // namespace minewarden::rules
