// SPDX-License-Identifier: Apache-2.0
#include "collector/api/request_target.h"

#include "common/text.h"

#include <optional>

namespace minewarden::collector {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Keeps '+': times contain it, and no form data is sent here.
std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (to_valid_utf8(decoded) != decoded) return std::nullopt;
    return decoded;
}

} // namespace

Result<RequestTarget, std::string_view> parse_target(std::string_view target) {
    RequestTarget parsed;
    const std::size_t mark = target.find('?');
    for (const std::string_view raw : split(target.substr(0, mark), '/')) {
        auto segment = percent_decode(raw);
        if (!segment)
            return fail(std::string_view("the path is not percent-encoded UTF-8 (RFC 3986)"));
        parsed.segments.push_back(std::move(*segment));
    }
    const std::string_view query =
        mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    for (const std::string_view part : split(query, '&')) {
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        auto name = percent_decode(part.substr(0, equals));
        auto value = percent_decode(equals == std::string_view::npos ? std::string_view()
                                                                     : part.substr(equals + 1));
        if (!name || !value)
            return fail(std::string_view("the query is not percent-encoded UTF-8 (RFC 3986)"));
        parsed.query.emplace_back(std::move(*name), std::move(*value));
    }
    return parsed;
}

} // namespace minewarden::collector
