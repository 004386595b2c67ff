// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_set/attributes.h"

#include <algorithm>

namespace minewarden::rules {
namespace {

constexpr std::array<std::string_view, attribute_count> names{"actor", "algorithm", "chain",
                                                              "client", "role"};
constexpr std::array<std::string_view, 5> actors{"deliberate", "victim", "relay", "researcher",
                                                 "unknown"};
constexpr std::size_t maximum_value_bytes = 40;

} // namespace

std::string_view to_string(Attribute attribute) {
    return names[static_cast<std::size_t>(attribute)];
}

std::optional<Attribute> find_attribute(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Attribute>(found - names.begin());
}

std::array<std::string_view, attribute_count> attribute_names() {
    return names;
}

bool is_attribute_value(Attribute attribute, std::string_view value) {
    if (attribute == Attribute::actor) return std::ranges::find(actors, value) != actors.end();
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view(".-_/+ ").find(c) != std::string_view::npos;
    };
    return !value.empty() && value.size() <= maximum_value_bytes &&
           std::ranges::all_of(value, is_allowed);
}

} // namespace minewarden::rules
