// SPDX-License-Identifier: Apache-2.0
#include "rules/observation/schema.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

#define FIELD_SPEC(field, type, help) FieldSpec{#field, ValueType::type, help, {}, {}},
#define BIN_SPEC(histogram, bin, help)                                                             \
    FieldSpec{#histogram "." #bin, ValueType::integer, help, #histogram, #bin},
#define FIELD_SPECS(type, fields, ...)                                                             \
    constexpr std::array type##_fields{fields(FIELD_SPEC, BIN_SPEC)};
OBSERVATIONS(FIELD_SPECS)
#undef FIELD_SPECS
#undef BIN_SPEC
#undef FIELD_SPEC

#define OBSERVATION_SPEC(type, fields, name, occurrence, subject, entity, help)                    \
    ObservationSpec{ObservationType::type, name, Occurrence::occurrence, SubjectKind::subject,     \
                    EntityKind::entity,    help, type##_fields},
constexpr std::array<ObservationSpec, observation_type_count> specs{OBSERVATIONS(OBSERVATION_SPEC)};
#undef OBSERVATION_SPEC

} // namespace

const ObservationSpec& spec_of(ObservationType type) {
    return specs[static_cast<std::size_t>(type)];
}

std::span<const ObservationSpec> all_observations() {
    return specs;
}

std::optional<ObservationType> find_observation(std::string_view name) {
    const auto found = std::ranges::find(specs, name, &ObservationSpec::name);
    if (found == specs.end()) return std::nullopt;
    return found->type;
}

std::optional<std::size_t> find_field(ObservationType type, std::string_view name) {
    const auto& fields = spec_of(type).fields;
    const auto found = std::ranges::find(fields, name, &FieldSpec::name);
    if (found == fields.end()) return std::nullopt;
    return static_cast<std::size_t>(found - fields.begin());
}

std::span<const FieldSpec> find_histogram(ObservationType type, std::string_view name) {
    if (name.empty()) return {};
    const std::span<const FieldSpec> fields = spec_of(type).fields;
    const auto is_other = [name](const FieldSpec& field) { return field.histogram != name; };
    const auto begin = std::ranges::find(fields, name, &FieldSpec::histogram);
    return {begin, std::find_if(begin, fields.end(), is_other)};
}

} // namespace minewarden::rules
