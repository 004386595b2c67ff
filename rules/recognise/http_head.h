// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/begins.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::rules {

/// The head of an HTTP/1 message (RFC 9112), as far as recognising work calls needs it.
struct HttpHead {
    bool is_request = false;
    std::string method;
    std::string target;
    int status = 0;
    std::optional<std::uint64_t> length; ///< Content-Length
    bool chunked = false;
    bool websocket = false;    ///< Upgrade: websocket
    bool miner_header = false; ///< X-Mining-Extensions, X-Mining-Hashrate or X-Hash-Difficulty
    std::string software;      ///< product_name() of User-Agent, "" if there is none

    /// `text` is the start line and the fields without the empty line; nullopt if it is no head.
    [[nodiscard]] static std::optional<HttpHead> parse(std::string_view text);
};

[[nodiscard]] Begins starts_http(std::string_view bytes);

} // namespace minewarden::rules
