// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/clock.h"
#include "rules/observation/schema.h"

#include <compare>
#include <vector>

namespace minewarden::rules {

/// Counts the windows an agent has judged; goes on over a restart, so that time in which nobody
/// looked does not age evidence.
struct WindowIndex {
    std::int64_t number = 0;
    auto operator<=>(const WindowIndex&) const = default;
};

/// One typed fact about one subject, of the kind that its type names.
struct Observation {
    Observation() : Observation(ObservationType::process_exec) {}
    explicit Observation(ObservationType its_type)
        : type(its_type), values(spec_of(its_type).fields.size()) {}

    ObservationType type;
    BootTime time;             ///< when it was seen; for windows their end
    std::int64_t entity = 0;   ///< thread id or flow id, as EntityKind says; 0: the subject itself
    std::vector<Value> values; ///< one per field of the type

    /// REQUIRES: field < values.size()
    void set(std::size_t field, Value value) { values[field] = std::move(value); }
    [[nodiscard]] std::int64_t integer(std::size_t field) const {
        const auto* held = std::get_if<std::int64_t>(&values[field]);
        return held == nullptr ? 0 : *held;
    }
    bool operator==(const Observation&) const = default;
};

/// Map form: {"type", "time", "entity", "fields": {name: value}}; unknown values are left out. A
/// histogram is one field, an array of its counts in order.
[[nodiscard]] cbor::Value to_cbor(const Observation& observation);
/// An error of kind data says what is wrong. A type or field that this version does not know is one
/// of kind unavailable: a newer version may know it.
Result<Observation> observation_from_cbor(const cbor::Value& encoded);

} // namespace minewarden::rules
