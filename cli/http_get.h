// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <chrono>
#include <filesystem>
#include <string>

namespace minewarden::cli {

struct HttpResponse {
    unsigned status = 0;
    std::string body; ///< at most 256 MiB
};

/// Sends one GET over a new connection to a Unix socket. `target` is percent-encoded; `timeout`
/// bounds the whole exchange. Errors: unavailable (no answer in time, or not HTTP), permission.
Result<HttpResponse> http_get(const std::filesystem::path& socket, const std::string& target,
                              std::chrono::seconds timeout);

} // namespace minewarden::cli
