// SPDX-License-Identifier: Apache-2.0
#include "rules/observation/observation.h"

#include <fmt/core.h>

#include <limits>

namespace minewarden::rules {
namespace {

Failure<Error> malformed(const char* what) {
    return fail(ErrorKind::data, std::string("not an observation: ") + what);
}

/// Omits the histogram unless all of its counts are known.
void add_histogram(const Observation& observation, std::string_view name, cbor::Map& fields) {
    const std::span<const FieldSpec> bins = find_histogram(observation.type, name);
    const auto first =
        static_cast<std::size_t>(bins.data() - spec_of(observation.type).fields.data());
    cbor::Array counts;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        const auto* count = std::get_if<std::int64_t>(&observation.values[first + i]);
        if (count == nullptr) return;
        counts.emplace_back(*count);
    }
    fields.emplace(name, std::move(counts));
}

Result<void> set_histogram(std::span<const FieldSpec> bins, const cbor::Value& value,
                           Observation& observation) {
    const auto* counts = value.get_if<cbor::Array>();
    if (counts == nullptr || counts->size() < bins.size())
        return malformed("a histogram lacks counts");
    if (counts->size() > bins.size())
        return fail(ErrorKind::unavailable,
                    fmt::format("unknown counts of \"{}\"", bins.front().histogram));
    const auto first =
        static_cast<std::size_t>(bins.data() - spec_of(observation.type).fields.data());
    for (std::size_t i = 0; i < bins.size(); ++i) {
        const auto* count = (*counts)[i].get_if<std::int64_t>();
        if (count == nullptr) return malformed("a field has the wrong type");
        observation.set(first + i, *count);
    }
    return {};
}

} // namespace

cbor::Value to_cbor(const Observation& observation) {
    const ObservationSpec& spec = spec_of(observation.type);
    cbor::Map fields;
    for (std::size_t i = 0; i < spec.fields.size(); ++i) {
        if (std::holds_alternative<std::monostate>(observation.values[i])) continue;
        const FieldSpec& field = spec.fields[i];
        if (field.histogram.empty())
            fields.emplace(field.name, to_cbor(observation.values[i]));
        else if (!fields.contains(field.histogram))
            add_histogram(observation, field.histogram, fields);
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
    if (map == nullptr) return malformed("not a map");
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
    if (!type)
        return fail(ErrorKind::unavailable,
                    fmt::format("unknown type of observation \"{}\"", *type_name));
    if (map->size() > 4) return fail(ErrorKind::unavailable, "unknown parts of an observation");

    Observation observation(*type);
    observation.time = {static_cast<std::uint64_t>(*time)};
    observation.entity = *entity;
    for (const auto& [name, value] : *fields) {
        if (const auto bins = find_histogram(*type, name); !bins.empty()) {
            TRY(set_histogram(bins, value, observation));
            continue;
        }
        const auto field = find_field(*type, name);
        if (!field || !spec_of(*type).fields[*field].histogram.empty())
            return fail(ErrorKind::unavailable,
                        fmt::format("{} has an unknown field \"{}\"", *type_name, name));
        auto decoded = from_cbor(value, spec_of(*type).fields[*field].type);
        if (!decoded || std::holds_alternative<std::monostate>(*decoded))
            return malformed("a field has the wrong type");
        observation.set(*field, std::move(*decoded));
    }
    return observation;
}

} // namespace minewarden::rules
