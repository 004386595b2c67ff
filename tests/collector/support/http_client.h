// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <string>

namespace minewarden::test {

struct HttpAnswer {
    int status = 0; ///< 0: no answer
    std::string header;
    std::string body;
    /// Discarded if it is none.
    [[nodiscard]] nlohmann::json json() const {
        return nlohmann::json::parse(body, nullptr, false);
    }
};

/// A connection that sends any bytes a test likes and reads until the server closes.
class HttpConnection {
  public:
    explicit HttpConnection(const std::filesystem::path& socket);
    [[nodiscard]] bool is_open() const { return static_cast<bool>(socket_); }
    void send(std::string_view bytes);
    /// Up to `size` bytes; less only if the server closes or nothing comes for a long time.
    std::string read_some(std::size_t size);
    /// Whether the server closes the connection, whatever it sends before.
    bool is_closed();
    HttpAnswer read(std::chrono::milliseconds timeout = std::chrono::seconds(10));

  private:
    Fd socket_;
};

/// GET with "Connection: close".
HttpAnswer http_get(const std::filesystem::path& socket, std::string_view target);

} // namespace minewarden::test
