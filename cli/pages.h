// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/api_client.h"

namespace minewarden::cli {

/// The items that the API lists under `name` at `path`, from all pages, at most `limit`.
Result<nlohmann::json> fetch_pages(const ApiClient& api, const std::string& path, const char* name,
                                   ApiClient::Query query, std::size_t limit);

} // namespace minewarden::cli
