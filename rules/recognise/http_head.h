// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/begins.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::rules {

/// The parts of an HTTP/1 message head (RFC 9112) that are needed to recognise work calls.
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

    /// `text`: start line and fields, without the empty line. nullopt if it is not a valid head.
    [[nodiscard]] static std::optional<HttpHead> parse(std::string_view text);
};

[[nodiscard]] Begins starts_http(std::string_view bytes);

} // namespace minewarden::rules
