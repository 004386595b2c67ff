// SPDX-License-Identifier: Apache-2.0
#include "collector/api/request.h"
#include "collector/render/finding_json.h"

#include <nlohmann/json.hpp>

namespace minewarden::collector {

std::string_view title_of(unsigned status) {
    switch (status) {
    case 200:
        return "OK";
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
    case 500:
        return "Internal error";
    case 503:
        return "Unavailable";
    default:
        return "Error";
    }
}

Response to_response(const Problem& problem) {
    nlohmann::json body{{"type", "about:blank"},
                        {"title", problem.title.empty() ? title_of(problem.status) : problem.title},
                        {"status", problem.status},
                        {"detail", problem.detail}};
    if (!problem.parameter.empty()) body["parameter"] = problem.parameter;
    return {problem.status, "application/problem+json", to_text(body) + "\n"};
}

Response busy_response(std::string detail) {
    Response response = to_response({503, "", std::move(detail)});
    response.fields.emplace_back("Retry-After", "1");
    return response;
}

} // namespace minewarden::collector
