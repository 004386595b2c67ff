// SPDX-License-Identifier: Apache-2.0
#include "rules/arithmetic/family.h"

#include <algorithm>

namespace minewarden::rules {
namespace {

constexpr std::array<std::string_view, family_count> names{
    "protocol",    "destination", "flow-shape",  "compute", "memory",
    "preparation", "provenance",  "concealment", "load"};

} // namespace

std::string_view to_string(Family family) {
    return names[static_cast<std::size_t>(family)];
}

std::optional<Family> find_family(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Family>(found - names.begin());
}

std::array<std::string_view, family_count> family_names() {
    return names;
}

} // namespace minewarden::rules
