// SPDX-License-Identifier: Apache-2.0
#include "collector/api/router.h"

#include "collector/render/finding_json.h"
#include "common/text.h"

#include <algorithm>
#include <optional>

namespace minewarden::collector {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// RFC 3986. A '+' stays one: times have them, and nobody sends forms here.
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

bool is_place(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> query;
    for (const std::string_view part : split(text, '&')) {
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        const auto name = percent_decode(part.substr(0, equals));
        const auto value = percent_decode(
            equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        query.emplace_back(*name, *value);
    }
    return query;
}

std::string title_of(unsigned status) {
    switch (status) {
    case 400:
        return "Bad request";
    case 404:
        return "Not found";
    case 405:
        return "Method not allowed";
    case 413:
        return "Body too large";
    case 431:
        return "Header too large";
    case 503:
        return "Unavailable";
    default:
        return "Error";
    }
}

} // namespace

Response to_response(const Problem& problem) {
    nlohmann::json body{{"type", "about:blank"},
                        {"title", problem.title.empty() ? title_of(problem.status) : problem.title},
                        {"status", problem.status},
                        {"detail", problem.detail}};
    if (!problem.parameter.empty()) body["parameter"] = problem.parameter;
    return {problem.status, "application/problem+json", to_text(body) + "\n"};
}

void Router::get(std::string_view pattern, Handler handler) {
    Route route{{}, std::move(handler)};
    for (const std::string_view segment : split(pattern, '/')) route.segments.emplace_back(segment);
    routes_.push_back(std::move(route));
}

Answer Router::route(std::string_view target) const {
    Request request;
    const std::size_t mark = target.find('?');
    std::vector<std::string> segments;
    for (const std::string_view raw : split(target.substr(0, mark), '/')) {
        auto segment = percent_decode(raw);
        if (!segment)
            return to_response({400, "", "the path is not percent-encoded UTF-8 (RFC 3986)"});
        segments.push_back(std::move(*segment));
    }
    auto query = parse_query(mark == std::string_view::npos ? "" : target.substr(mark + 1));
    if (!query) return to_response({400, "", "the query is not percent-encoded UTF-8 (RFC 3986)"});
    request.path = target.substr(0, mark);
    request.query = std::move(*query);
    for (const Route& route : routes_) {
        const bool matches = std::ranges::equal(
            route.segments, segments, [](const std::string& pattern, const std::string& given) {
                return is_place(pattern) ? !given.empty() : pattern == given;
            });
        if (!matches) continue;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            const std::string& pattern = route.segments[i];
            if (is_place(pattern))
                request.segments[pattern.substr(1, pattern.size() - 2)] = segments[i];
        }
        return route.handler(request);
    }
    return to_response({404, "", "there is nothing at this path; see /api/v1/status"});
}

} // namespace minewarden::collector
