// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/api_client.h"

#include <nlohmann/json.hpp>

namespace minewarden::cli {

/// What the API lists.
struct Listing {
    nlohmann::json items;      ///< an array, newest first
    std::uint64_t matches = 0; ///< also those that are not among the items
    bool is_exact = true;      ///< false: at least so many match
    std::string after;         ///< what comes later comes after this cursor; "" for some lists
};

/// The items that the API lists under `name` at `path`, from all pages, at most `limit`.
Result<Listing> fetch_pages(const ApiClient& api, const std::string& path, const char* name,
                            ApiClient::Query query, std::size_t limit);

} // namespace minewarden::cli
