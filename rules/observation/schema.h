// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/observation/fields.h"
#include "rules/observation/subject.h"
#include "rules/observation/value.h"

#include <optional>
#include <span>

/// The vocabulary of the rule language: what can be observed. `minewarden rules fields` prints it
/// and docs/rules.md is checked against it. Observation types do not name their source, so another
/// source can fill them.
namespace minewarden::rules {

#define OBSERVATION_TYPE(type, ...) type,
enum class ObservationType { OBSERVATIONS(OBSERVATION_TYPE) };
#undef OBSERVATION_TYPE
#define COUNT_TYPE(...) +1
inline constexpr std::size_t observation_type_count = 0 OBSERVATIONS(COUNT_TYPE);
#undef COUNT_TYPE

/// How often a type is observed.
enum class Occurrence {
    event,
    per_window, ///< one per entity and window, so that window aggregates are possible
};

/// What Observation::entity of a type names; 0 where it is the subject as a whole.
enum class EntityKind { whole, thread, connection };

struct FieldSpec {
    std::string_view name; ///< in conditions; of a bin "histogram.name"
    ValueType type;
    std::string_view help;      ///< meaning and unit
    std::string_view histogram; ///< of which it is a bin; "" if it stands alone
    std::string_view bin;       ///< its name there
};

struct ObservationSpec {
    ObservationType type;
    std::string_view name;
    Occurrence occurrence;
    SubjectKind subject;
    EntityKind entity;
    std::string_view help;
    std::span<const FieldSpec> fields;

    [[nodiscard]] bool per_window() const { return occurrence == Occurrence::per_window; }
};

[[nodiscard]] const ObservationSpec& spec_of(ObservationType type);
[[nodiscard]] std::span<const ObservationSpec> all_observations();
[[nodiscard]] std::optional<ObservationType> find_observation(std::string_view name);
[[nodiscard]] std::optional<std::size_t> find_field(ObservationType type, std::string_view name);

/// The fields of a histogram, in order; empty if the type has none of this name.
[[nodiscard]] std::span<const FieldSpec> find_histogram(ObservationType type,
                                                        std::string_view name);

// Positions of the fields in Observation::values: process_exec::command, and so on.
#define FIELD_POSITION(field, ...) field,
#define BIN_POSITION(histogram, bin, ...) histogram##_##bin,
#define FIELD_POSITIONS(type, fields, ...)                                                         \
    namespace type {                                                                               \
    enum Field : std::size_t { fields(FIELD_POSITION, BIN_POSITION) field_count };                 \
    }
OBSERVATIONS(FIELD_POSITIONS)
#undef FIELD_POSITIONS
#undef BIN_POSITION
#undef FIELD_POSITION

} // namespace minewarden::rules
