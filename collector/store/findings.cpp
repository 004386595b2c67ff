// SPDX-License-Identifier: Apache-2.0
#include "collector/store/findings.h"

namespace minewarden::collector {
namespace {

FindingId pad(std::string digits, char with) {
    digits.resize(FindingId::size * 2, with);
    return *FindingId::from(as_bytes(*from_hex(digits)));
}

} // namespace

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
