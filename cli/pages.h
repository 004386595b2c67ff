// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/api_client.h"

#include <nlohmann/json.hpp>

namespace minewarden::cli {

/// Items from a list of the API.
struct Listing {
    nlohmann::json items;      ///< an array, newest first
    std::uint64_t matches = 0; ///< including those that are not in `items`
    bool is_exact = true;      ///< false: `matches` is a lower bound
    std::string after;         ///< cursor of the newest item; "" if the list has none
};

/// Fetches at most `limit` items of the list `name` at `path`, from as many pages as needed.
Result<Listing> fetch_pages(const ApiClient& api, const std::string& path, const char* name,
                            ApiClient::Query query, std::size_t limit);

} // namespace minewarden::cli
