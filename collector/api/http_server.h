// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/router.h"
#include "common/result.h"

#include <sys/types.h>

#include <filesystem>
#include <memory>

namespace minewarden::collector {

struct HttpServerOptions {
    std::filesystem::path socket;
    mode_t mode = 0660; ///< of the socket: who may connect may ask everything
    std::size_t connections = 256;
    std::size_t header_bytes = 16384;
    std::size_t body_bytes = 65536;
    std::chrono::seconds patience{30}; ///< for a request to arrive and for a response to be taken
};

/// HTTP/1.1 on a Unix socket, in a thread of its own, which also calls the handlers.
class HttpServer {
  public:
    /// A socket file left by a collector that died is replaced; one on which somebody answers, or a
    /// file that is no socket, is an error of kind config.
    static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, Router router);
    /// Drops all connections and removes the socket file.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Something was committed: requests that wait are looked at again. Any thread; returns at
    /// once.
    void notify();

  private:
    class Server;
    explicit HttpServer(std::unique_ptr<Server> server);
    std::unique_ptr<Server> server_;
};

} // namespace minewarden::collector
