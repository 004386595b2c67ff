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

/// One typed fact about one process image.
struct Observation {
    Observation() : Observation(ObservationType::process_exec) {}
    explicit Observation(ObservationType its_type)
        : type(its_type), values(spec_of(its_type).fields.size()) {}

    ObservationType type;
    BootTime time;             ///< when it was seen; for windows their end
    std::int64_t entity = 0;   ///< thread id or flow id; 0: the process itself
    std::vector<Value> values; ///< one per field of the type

    /// REQUIRES: field < values.size()
    void set(std::size_t field, Value value) { values[field] = std::move(value); }
    [[nodiscard]] std::int64_t integer(std::size_t field) const {
        const auto* held = std::get_if<std::int64_t>(&values[field]);
        return held == nullptr ? 0 : *held;
    }
    bool operator==(const Observation&) const = default;
};

/// Map form: {"type", "time", "entity", "fields": {name: value}}; unknown values are left out.
[[nodiscard]] cbor::Value to_cbor(const Observation& observation);
Result<Observation> observation_from_cbor(const cbor::Value& encoded);

/// Which program of which process: evidence belongs to an image and never crosses exec.
struct ImageKey {
    std::uint32_t pid = 0; ///< in the initial pid namespace
    std::uint64_t start_boottime_ns = 0;
    std::uint64_t image = 0; ///< grows at each exec
    auto operator<=>(const ImageKey&) const = default;
};

} // namespace minewarden::rules
