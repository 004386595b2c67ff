// SPDX-License-Identifier: Apache-2.0
#include "collector/store/stored.h"

#include <algorithm>
#include <array>
#include <span>

namespace minewarden::collector {
namespace {

FindingId pad(std::string digits, char with) {
    digits.resize(FindingId::size * 2, with);
    return *FindingId::from(as_bytes(*from_hex(digits)));
}

constexpr std::array<std::string_view, 3> reasons{"silent", "stopped", "sensor-degraded"};
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

std::optional<FindingIdPrefix> FindingIdPrefix::parse(std::string_view text) {
    if (text.size() < least_digits || text.size() > FindingId::size * 2) return std::nullopt;
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return std::nullopt;
    }
    return FindingIdPrefix{std::move(lower)};
}

FindingId FindingIdPrefix::lowest() const {
    return pad(digits, '0');
}

FindingId FindingIdPrefix::highest() const {
    return pad(digits, 'f');
}

} // namespace minewarden::collector
