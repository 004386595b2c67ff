// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <string>

namespace minewarden::test {

struct HttpAnswer {
    int status = 0; ///< 0: no response
    std::string header;
    std::string body;
    /// Discarded if the body is not JSON.
    [[nodiscard]] nlohmann::json json() const {
        return nlohmann::json::parse(body, nullptr, false);
    }
};

/// A connection that sends arbitrary bytes and reads until the server closes.
class HttpConnection {
  public:
    explicit HttpConnection(const std::filesystem::path& socket);
    [[nodiscard]] bool is_open() const { return static_cast<bool>(socket_); }
    void send(std::string_view bytes);
    /// Reads `size` bytes; fewer only if the server closes or sends nothing for a long time.
    std::string read_some(std::size_t size);
    /// True if the server closes the connection, after any data.
    bool is_closed();
    HttpAnswer read(std::chrono::milliseconds timeout = std::chrono::seconds(10));

  private:
    Fd socket_;
};

/// GET with "Connection: close".
HttpAnswer http_get(const std::filesystem::path& socket, std::string_view target);

} // namespace minewarden::test
