// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/observation/fields.h"
#include "rules/observation/subject.h"
#include "rules/observation/value.h"

#include <optional>
#include <span>

/// What rules can test: all observation types and their fields. `minewarden rules fields` prints
/// it, and tests/check-tree checks docs/rules.md against it. Types do not name their source, so
/// another source can provide the same type.
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
    per_window, ///< one per entity and window; allows aggregates over windows
};

/// What Observation::entity identifies. `whole`: nothing, it is 0.
enum class EntityKind { whole, thread, connection };

struct FieldSpec {
    std::string_view name; ///< in conditions; for a bin "histogram.name"
    ValueType type;
    std::string_view help;      ///< meaning and unit
    std::string_view histogram; ///< the histogram it is a bin of, or ""
    std::string_view bin;       ///< name of the bin, or ""
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

/// The bins of a histogram, in order; empty if the type has no such histogram.
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
