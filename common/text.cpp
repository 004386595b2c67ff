// SPDX-License-Identifier: Apache-2.0
#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <utf8proc.h>

namespace minewarden {
namespace {

struct Decoded {
    utf8proc_int32_t point = 0;
    std::size_t length = 0; // 0: not valid UTF-8 here (RFC 3629)
};

Decoded decode(std::string_view text) {
    Decoded next;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &next.point);
    if (length > 0) next.length = static_cast<std::size_t>(length);
    return next;
}

/// Columns on a terminal. An invalid byte takes one, because it is shown as a replacement
/// character.
std::size_t width_of(const Decoded& next) {
    return next.length == 0 ? 1 : static_cast<std::size_t>(utf8proc_charwidth(next.point));
}

bool is_bidirectional_control(utf8proc_int32_t point) {
    return point == 0x061c || point == 0x200e || point == 0x200f ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substitution = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
        }
    }
    return row.back();
}

} // namespace

std::string to_valid_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const Decoded next = decode(bytes);
        if (next.length == 0) {
            text += "\xef\xbf\xbd";
            bytes.remove_prefix(1);
        } else {
            text += bytes.substr(0, next.length);
            bytes.remove_prefix(next.length);
        }
    }
    return text;
}

std::string clip_utf8(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return std::string(text);
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
    return std::string(text.substr(0, bytes));
}

namespace {

std::string escape(std::string_view text, bool backslash_too) {
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        const Decoded next = decode(text);
        if (next.length == 0)
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        else if (next.point == '\\' && backslash_too)
            shown += "\\\\";
        else if (next.point < 0x20 || next.point == 0x7f)
            shown += fmt::format("\\x{:02x}", static_cast<unsigned>(next.point));
        else if ((next.point >= 0x80 && next.point < 0xa0) || is_bidirectional_control(next.point))
            shown += fmt::format("\\u{:04x}", static_cast<unsigned>(next.point));
        else
            shown += text.substr(0, next.length);
        text.remove_prefix(std::max<std::size_t>(next.length, 1));
    }
    return shown;
}

} // namespace

std::string escape_for_terminal(std::string_view text) {
    return escape(text, true);
}

std::string escape_control_characters(std::string_view text) {
    return escape(text, false);
}

std::string escape_for_csv(std::string_view text) {
    std::string field;
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != text.npos) field = "'";
    field += text;
    if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
    std::string quoted = "\"";
    for (const char c : field) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Decoded next = decode(text);
        columns += width_of(next);
        text.remove_prefix(std::max<std::size_t>(next.length, 1));
    }
    return columns;
}

std::string fit_to_width(std::string_view text, std::size_t columns) {
    std::string fitted;
    std::size_t used = 0;
    const bool cut = display_width(text) > columns;
    const std::size_t room = cut && columns > 0 ? columns - 1 : columns;
    while (!text.empty()) {
        const Decoded next = decode(text);
        const std::size_t width = width_of(next);
        if (used + width > room) break;
        const std::size_t length = std::max<std::size_t>(next.length, 1);
        fitted += text.substr(0, length);
        text.remove_prefix(length);
        used += width;
    }
    if (cut && columns > 0) {
        fitted += "\u2026";
        ++used;
    }
    fitted.append(columns - used, ' ');
    return fitted;
}

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    if (word.size() > 64) return best; // not a typo of a key name
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    const std::string_view near = closest(word, candidates);
    return near.empty() ? std::string() : fmt::format(" (did you mean \"{}\"?)", near);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace minewarden
