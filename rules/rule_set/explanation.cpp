// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_set/explanation.h"

#include "common/text.h"

#include <fmt/core.h>

namespace minewarden::rules {
namespace {

constexpr std::string_view permille_suffix = "_permille";

/// The text between the braces.
struct Place {
    std::string_view name;
    bool in_percent = false;

    explicit Place(std::string_view inner)
        : name(inner), in_percent(!inner.empty() && inner.back() == '%') {
        if (in_percent) name.remove_suffix(1);
    }
};

/// 384 -> "38 %", 4 -> "0.4 %".
std::string percent(std::int64_t permille) {
    if (permille > -100 && permille < 100 && permille % 10 != 0)
        return fmt::format("{:.1f} %", static_cast<double>(permille) / 10);
    return fmt::format("{:.0f} %", static_cast<double>(permille) / 10);
}

std::string shown(const Place& place, const Observation& observation) {
    const auto field = find_field(observation.type, place.name);
    if (!field) return "?";
    const Value& value = observation.values[*field];
    const auto* permille = std::get_if<std::int64_t>(&value);
    return place.in_percent && permille != nullptr ? percent(*permille) : to_display(value);
}

} // namespace

std::string problem_of_explanation(std::string_view text, ObservationType type) {
    for (std::size_t open = 0; (open = text.find('{')) != std::string_view::npos;) {
        const std::size_t close = text.find('}', open);
        const Place place(text.substr(open + 1, close == text.npos ? close : close - open - 1));
        if (close == std::string_view::npos || !find_field(type, place.name))
            return fmt::format("\"explain\" uses {{{}}}, which is not a field of {}",
                               escape_for_terminal(place.name), spec_of(type).name);
        if (place.in_percent && !place.name.ends_with(permille_suffix))
            return fmt::format("\"explain\" shows {} in percent, which is not in thousandths: its "
                               "name does not end with {}",
                               place.name, permille_suffix);
        text.remove_prefix(close + 1);
    }
    return "";
}

std::string explain(const LocalizedText& text, Language language, const Observation& observation) {
    std::string_view rest = text.in(language);
    std::string filled;
    for (;;) {
        const std::size_t open = rest.find('{');
        const std::size_t close = rest.find('}', open);
        filled += rest.substr(0, open);
        if (open == std::string_view::npos || close == std::string_view::npos) return filled;
        filled += shown(Place(rest.substr(open + 1, close - open - 1)), observation);
        rest.remove_prefix(close + 1);
    }
}

} // namespace minewarden::rules
