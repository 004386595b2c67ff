// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

namespace minewarden::cli {

/// The collector's HTTP API on its Unix socket. Each request uses its own connection.
class ApiClient {
  public:
    explicit ApiClient(std::filesystem::path socket) : socket_(std::move(socket)) {}

    using Query = std::map<std::string, std::string>;

    /// Sends GET; `timeout` bounds the whole request. Errors: unavailable (no collector, or 5xx),
    /// permission, data (4xx, with the collector's message).
    Result<std::string> get(const std::string& path, const Query& query = {},
                            std::chrono::seconds timeout = std::chrono::seconds(30)) const;
    Result<nlohmann::json> get_json(const std::string& path, const Query& query = {},
                                    std::chrono::seconds timeout = std::chrono::seconds(30)) const;

  private:
    std::filesystem::path socket_;
};

/// "?key=value&...". Percent-encodes all but unreserved characters (RFC 3986, 2.3).
[[nodiscard]] std::string encode_query(const ApiClient::Query& query);

} // namespace minewarden::cli
