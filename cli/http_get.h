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

/// One GET over a connection of its own to a Unix socket. `target` is percent-encoded; `timeout`
/// bounds the whole exchange. Errors: unavailable or permission if nothing answers there in time or
/// the answer is not HTTP.
Result<HttpResponse> http_get(const std::filesystem::path& socket, const std::string& target,
                              std::chrono::seconds timeout);

} // namespace minewarden::cli
