// SPDX-License-Identifier: Apache-2.0
#include "cli/pages.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace minewarden::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t page_limit = 1000;

} // namespace

Result<Json> fetch_pages(const ApiClient& api, const std::string& path, const char* name,
                         ApiClient::Query query, std::size_t limit) {
    Json all = Json::array();
    for (;;) {
        query["limit"] = std::to_string(std::min(limit - all.size(), page_limit));
        TRY_ASSIGN(const auto answer, api.get_json(path, query));
        for (const Json& item : answer.value(name, Json::array())) all.push_back(item);
        if (all.size() >= limit || !answer.value("more", false)) return all;
        query["after"] = std::to_string(answer.value("next", std::int64_t{0}));
    }
}

} // namespace minewarden::cli
