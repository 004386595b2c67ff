// SPDX-License-Identifier: Apache-2.0
#include "cli/pages.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace minewarden::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t page_limit = 1000;

} // namespace

Result<Listing> fetch_pages(const ApiClient& api, const std::string& path, const char* name,
                            ApiClient::Query query, std::size_t limit) {
    Listing listing{Json::array(), 0, true, ""};
    for (bool is_first = true;; is_first = false) {
        query["limit"] = std::to_string(std::min(limit - listing.items.size(), page_limit));
        TRY_ASSIGN(const auto answer, api.get_json(path, query));
        for (const Json& item : answer.value(name, Json::array())) listing.items.push_back(item);
        if (is_first) {
            const Json count = answer.value("count", Json::object());
            listing.matches = count.value("matches", std::uint64_t{0});
            listing.is_exact = count.value("exact", true);
            listing.after = answer.value("after", "");
        }
        const auto before = answer.find("before");
        const bool more = before != answer.end() && before->is_string();
        // Items may have been added since the count.
        listing.matches = std::max<std::uint64_t>(listing.matches, listing.items.size());
        if (listing.items.size() >= limit || !more) return listing;
        query["before"] = before->get<std::string>();
    }
}

} // namespace minewarden::cli
