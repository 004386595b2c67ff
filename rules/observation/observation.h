// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "rules/observation/schema.h"

#include <compare>
#include <vector>

namespace minewarden::rules {

/// Number of windows an agent has judged. Continues after a restart, so that downtime does not age
/// evidence.
struct WindowIndex {
    std::int64_t number = 0;
    auto operator<=>(const WindowIndex&) const = default;
};

/// One typed fact about one subject. The type determines the kind of subject.
struct Observation {
    Observation() : Observation(ObservationType::process_exec) {}
    explicit Observation(ObservationType its_type)
        : type(its_type), values(spec_of(its_type).fields.size()) {}

    ObservationType type;
    BootTime time;             ///< when it was observed; for windows, their end
    std::int64_t entity = 0;   ///< thread or connection id (EntityKind); 0: the whole subject
    std::vector<Value> values; ///< one per field of the type

    /// REQUIRES: field < values.size()
    void set(std::size_t field, Value value) { values[field] = std::move(value); }
    [[nodiscard]] std::int64_t integer(std::size_t field) const {
        const auto* held = std::get_if<std::int64_t>(&values[field]);
        return held == nullptr ? 0 : *held;
    }
    bool operator==(const Observation&) const = default;
};

/// Encodes as a map: {"type", "time", "entity", "fields": {name: value}}. Unknown values are
/// omitted. A histogram is one field: the array of its counts, in order.
[[nodiscard]] cbor::Value to_cbor(const Observation& observation);
/// Errors: data if it is malformed; unavailable if this version does not know a type or field (a
/// newer version may).
Result<Observation> observation_from_cbor(const cbor::Value& encoded);

} // namespace minewarden::rules
