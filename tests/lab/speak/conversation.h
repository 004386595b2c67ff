// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::lab {

/// The next message of one end.
struct Turn {
    bool client = true;
    std::string bytes;
};

/// The turns of two ends. Both know them: each sends its own, and waits for as many bytes as the
/// other's turn has. So values may differ between the ends, but lengths may not.
using Conversation = std::vector<Turn>;

struct Topic {
    std::string_view name;
    Conversation (*make)();
};

/// Mining protocols besides those of `client` and `pool`, mining calls of nodes, node handshakes,
/// and data that only looks similar.
[[nodiscard]] std::span<const Topic> pool_topics();
[[nodiscard]] std::span<const Topic> node_topics();
[[nodiscard]] std::span<const Topic> other_topics();

/// Wraps the turns in a transport: direct, socks4, socks5, connect or websocket.
[[nodiscard]] Conversation via(std::string_view transport, Conversation inner);

/// `count` random hexadecimal digits.
[[nodiscard]] std::string hex_digits(std::size_t count);

[[nodiscard]] std::string http_post(std::string_view body, std::string_view fields = "",
                                    std::string_view target = "/");
[[nodiscard]] std::string http_answer(std::string_view body,
                                      std::string_view type = "application/json");

} // namespace minewarden::lab
