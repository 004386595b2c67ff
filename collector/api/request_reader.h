// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/request.h"
#include "common/result.h"

#include <memory>
#include <optional>

namespace minewarden::collector {

/// Reads HTTP/1.1 requests, one after the other, out of the bytes of one connection. Does no I/O.
/// Bytes of strangers: everything is bounded.
class RequestReader {
  public:
    struct Limits {
        std::size_t header_bytes = std::size_t{16} << 10;
        std::size_t body_bytes = std::size_t{1} << 20;
    };
    struct Received {
        Request request; ///< without principal, query and segments
        bool keep_alive = false;
    };

    explicit RequestReader(Limits limits);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    void append(std::string_view bytes);
    /// The next request; nullopt until all of it was appended. After a problem (400, 413, 431)
    /// nothing more can be read: answer it and close.
    Result<std::optional<Received>, Problem> next();
    /// Whether the client waits for "100 Continue" before it sends the body. True once a request.
    bool take_expect_continue();
    /// Memory that bytes of the client take here.
    [[nodiscard]] std::size_t held_bytes() const;

  private:
    struct Parser;

    Limits limits_;
    std::string buffer_; ///< what was appended and not parsed
    std::unique_ptr<Parser> parser_;
    bool expects_continue_ = false;
};

} // namespace minewarden::collector
