// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A second, independent UTF-8 decoder (RFC 3629), so that tests do not use the code under test.
namespace minewarden::test {

inline std::string to_utf8(std::uint32_t point) {
    std::string bytes;
    const auto put = [&](std::uint32_t byte) { bytes += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xc0 | point >> 6);
        put(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        put(0xe0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    } else {
        put(0xf0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3f));
        put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    }
    return bytes;
}

/// The code points. nullopt if a byte is not part of the shortest form of a scalar value.
inline std::optional<std::vector<std::uint32_t>> code_points(std::string_view text) {
    std::vector<std::uint32_t> points;
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        std::uint32_t point = length == 1 ? first : first & (0x7fU >> length);
        if (i + length > text.size()) return std::nullopt;
        for (std::size_t k = 1; k < length; ++k)
            point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
        const bool scalar_value = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
        if (!scalar_value || to_utf8(point) != text.substr(i, length)) return std::nullopt;
        points.push_back(point);
        i += length;
    }
    return points;
}

inline bool is_utf8(std::string_view text) {
    return code_points(text).has_value();
}

} // namespace minewarden::test
