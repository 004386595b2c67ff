// SPDX-License-Identifier: Apache-2.0
#include "collector/store/fleet.h"

#include <algorithm>
#include <array>
#include <span>

namespace minewarden::collector {
namespace {

constexpr std::array<std::string_view, 4> reasons{"silent", "stopped", "over-quota",
                                                  "capability-degraded"};
constexpr std::array<std::string_view, 3> ends{"heard", "recovered", "revoked"};

template <class Enum>
std::optional<Enum> find(std::span<const std::string_view> names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

} // namespace

std::string_view to_string(VisibilityReason reason) {
    return reasons.at(static_cast<std::size_t>(reason));
}

std::optional<VisibilityReason> find_visibility_reason(std::string_view name) {
    return find<VisibilityReason>(reasons, name);
}

std::string_view to_string(VisibilityEnd end) {
    return ends.at(static_cast<std::size_t>(end));
}

std::optional<VisibilityEnd> find_visibility_end(std::string_view name) {
    return find<VisibilityEnd>(ends, name);
}

} // namespace minewarden::collector
