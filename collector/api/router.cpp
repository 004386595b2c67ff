// SPDX-License-Identifier: Apache-2.0
#include "collector/api/router.h"

#include "collector/api/request_target.h"
#include "common/text.h"

#include <fmt/core.h>

#include <algorithm>

namespace minewarden::collector {
namespace {

std::vector<std::string> segments_of(std::string_view pattern) {
    std::vector<std::string> segments;
    for (const std::string_view segment : split(pattern, '/')) segments.emplace_back(segment);
    return segments;
}

bool is_place(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& given) {
    return std::ranges::equal(pattern, given, [](const std::string& one, const std::string& two) {
        return is_place(one) ? !two.empty() : one == two;
    });
}

std::string_view name_of(Method method) {
    switch (method) {
    case Method::get:
        return "GET, HEAD";
    case Method::post:
        return "POST";
    case Method::put:
        return "PUT";
    case Method::patch:
        return "PATCH";
    case Method::delete_:
        return "DELETE";
    case Method::head:
    case Method::other:
        break;
    }
    return "";
}

Response method_not_allowed(const std::string& allowed) {
    Response response = to_response({405, "", fmt::format("this path only supports {}", allowed)});
    response.fields.emplace_back("Allow", allowed);
    return response;
}

} // namespace

void Router::add(Method method, std::string_view pattern, Handler handler, Lane lane) {
    routes_.push_back({method, segments_of(pattern), lane, std::move(handler), std::nullopt});
}

void Router::constant(std::string_view pattern, Response response) {
    routes_.push_back(
        {Method::get, segments_of(pattern), Lane::health, nullptr, std::move(response)});
}

std::variant<const Router::Route*, Response> Router::find(Request& request) const {
    auto target = parse_target(request.target);
    if (!target) return to_response({400, "", std::string(target.error())});
    const Method method = request.method == Method::head ? Method::get : request.method;
    std::string allowed;
    for (const Route& route : routes_) {
        if (!matches(route.segments, target->segments)) continue;
        if (route.method != method) {
            allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", name_of(route.method));
            continue;
        }
        if (route.constant) return *route.constant;
        request.query = std::move(target->query);
        for (std::size_t i = 0; i < route.segments.size(); ++i) {
            const std::string& pattern = route.segments[i];
            if (is_place(pattern))
                request.segments[pattern.substr(1, pattern.size() - 2)] =
                    std::move(target->segments[i]);
        }
        return &route;
    }
    if (!allowed.empty()) return method_not_allowed(allowed);
    return to_response({404, "", "unknown path"});
}

} // namespace minewarden::collector
