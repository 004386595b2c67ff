// SPDX-License-Identifier: Apache-2.0
#include "cli/api_client.h"

#include "cli/http_get.h"
#include "common/text.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace minewarden::cli {
namespace {

/// The message in a problem document (RFC 9457).
std::string problem_text(const std::string& body, unsigned status) {
    const auto problem = nlohmann::json::parse(body, nullptr, false);
    const std::string title = problem.is_object() ? problem.value("title", "") : "";
    const std::string detail = problem.is_object() ? problem.value("detail", "") : "";
    if (title.empty() && detail.empty())
        return fmt::format("the collector returned status {}", status);
    return escape_for_terminal(
        to_valid_utf8(title + (title.empty() || detail.empty() ? "" : ": ") + detail));
}

} // namespace

std::string encode_query(const ApiClient::Query& query) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string text;
    for (const auto& [key, value] : query) {
        text += fmt::format("{}{}=", text.empty() ? "?" : "&", key);
        for (const char c : value) {
            if (unreserved.find(c) != std::string_view::npos)
                text += c;
            else
                text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return text;
}

Result<std::string> ApiClient::get(const std::string& path, const Query& query,
                                   std::chrono::seconds timeout) const {
    TRY_ASSIGN(HttpResponse response, http_get(socket_, path + encode_query(query), timeout));
    const unsigned status = response.status;
    if (status >= 500) return fail(ErrorKind::unavailable, problem_text(response.body, status));
    if (status >= 400) return fail(ErrorKind::data, problem_text(response.body, status));
    return std::move(response.body);
}

Result<nlohmann::json> ApiClient::get_json(const std::string& path, const Query& query,
                                           std::chrono::seconds timeout) const {
    TRY_ASSIGN(auto body, get(path, query, timeout));
    auto json = nlohmann::json::parse(body, nullptr, false);
    if (json.is_discarded())
        return fail(ErrorKind::data, fmt::format("{} did not answer with JSON", socket_.string()));
    return json;
}

} // namespace minewarden::cli
