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
    mode_t mode = 0660; ///< of the socket: who may connect may ask everything
    std::size_t connections = 256;
    RequestReader::Limits request = {};
    std::size_t response_bytes = std::size_t{64} << 20;
    /// Of all bodies and responses that are held at once, those that handlers work on aside.
    std::size_t total_bytes = std::size_t{256} << 20;
    /// For a request to arrive whole, and for a response to be taken whole.
    std::chrono::seconds patience{30};
    Dispatcher::Limits handlers = {};
};

/// Since start. Written by the server, read by any thread.
struct HttpCounters {
    using Counter = std::atomic<std::uint64_t>;
    Counter connections{0};  ///< open now
    Counter turned_away{0};  ///< connections beyond the limit
    Counter requests{0};     ///< read whole
    Counter busy{0};         ///< answered 503: the queue or the memory was full
    Counter slow_readers{0}; ///< connections closed because the response was not taken in time
};

/// HTTP/1.1 on a Unix socket. One thread does the I/O and nothing that could make it wait; handlers
/// run on a bounded pool, those of Lane::health in a thread of their own.
class HttpServer {
  public:
    /// A socket file left by a collector that died is replaced; one on which another collector
    /// answers, or a file that is no socket, is an error of kind config. `counters` outlives the
    /// server.
    static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, Router router,
                                                     HttpCounters& counters);
    /// Drops all connections, waits for the handlers that run and removes the socket file.
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
