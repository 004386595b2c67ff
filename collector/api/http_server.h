// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/dispatcher.h"
#include "collector/api/request_reader.h"
#include "common/result.h"

#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <memory>

namespace minewarden::collector {

/// docs/api.md names these limits.
struct HttpServerOptions {
    std::filesystem::path socket;
    mode_t mode = 0660; ///< of the socket: who can connect can read everything
    std::size_t connections = 256;
    RequestReader::Limits request = {};
    std::size_t response_bytes = std::size_t{64} << 20;
    /// For all bodies and responses in memory, except those in a handler.
    std::size_t total_bytes = std::size_t{256} << 20;
    /// For receiving a whole request, and for sending a whole response.
    std::chrono::seconds patience{30};
    Dispatcher::Limits handlers = {};
};

/// Since start. Written by the server, read by any thread.
struct HttpCounters {
    using Counter = std::atomic<std::uint64_t>;
    Counter connections{0};  ///< open now
    Counter turned_away{0};  ///< connections beyond the limit
    Counter requests{0};     ///< fully read
    Counter busy{0};         ///< refused with 503: the queue or the memory was full
    Counter slow_readers{0}; ///< connections closed because the client did not read in time
};

/// HTTP/1.1 on a Unix socket. One thread does the I/O and never waits for anything else. Handlers
/// run on a bounded pool, those of Lane::health in their own thread.
class HttpServer {
  public:
    /// Replaces the socket file of a dead collector. Errors (config): another collector answers on
    /// it, or the file is not a socket. `counters` outlives the server.
    static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, Router router,
                                                     HttpCounters& counters);
    /// Closes all connections, waits for running handlers and removes the socket file.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// After a commit: resumes the requests that wait. Any thread; returns at once.
    void notify();

  private:
    class Server;
    explicit HttpServer(std::unique_ptr<Server> server);
    std::unique_ptr<Server> server_;
};

} // namespace minewarden::collector
