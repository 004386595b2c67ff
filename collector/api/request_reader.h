// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/request.h"
#include "common/result.h"

#include <memory>
#include <optional>

namespace minewarden::collector {

/// Parses consecutive HTTP/1.1 requests from the bytes of one connection. Does no I/O. The bytes
/// are untrusted: everything is bounded.
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
    /// The next request; nullopt until it is complete. After a problem (400, 413, 431) send the
    /// response and close: nothing more can be read.
    Result<std::optional<Received>, Problem> next();
    /// True, once for each request, if the client waits for "100 Continue" to send the body.
    bool take_expect_continue();
    /// Memory used for the client's bytes.
    [[nodiscard]] std::size_t held_bytes() const;

  private:
    struct Parser;

    Limits limits_;
    std::string buffer_; ///< appended, not yet parsed
    std::unique_ptr<Parser> parser_;
    bool expects_continue_ = false;
};

} // namespace minewarden::collector
