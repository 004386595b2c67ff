// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace minewarden::rules {

/// Log-odds in thousandths of a nat: 2303 is ten to one, 6908 a thousand to one. Positive supports.
using MilliNats = std::int64_t;

/// Independent kinds of evidence (design.md part 2).
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
