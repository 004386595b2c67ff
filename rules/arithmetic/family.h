// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace minewarden::rules {

/// Log-odds in thousandths of a nat: 2303 is ten to one, 6908 is a thousand to one. Positive values
/// support an activity, negative ones refute it.
using MilliNats = std::int64_t;

/// Kinds of evidence, treated as independent of each other. Each is capped (arithmetic/numbers.h).
enum class Family {
    protocol,
    destination,
    flow_shape,
    compute,
    memory,
    preparation,
    provenance,
    concealment,
    load,
};
inline constexpr std::size_t family_count = 9;

[[nodiscard]] std::string_view to_string(Family family);
[[nodiscard]] std::optional<Family> find_family(std::string_view name);
[[nodiscard]] std::array<std::string_view, family_count> family_names();

} // namespace minewarden::rules
