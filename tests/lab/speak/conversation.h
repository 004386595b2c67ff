// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::lab {

/// What one end says next.
struct Turn {
    bool client = true;
    std::string bytes;
};

/// Turns of two ends that both know: each sends its own and waits for as many bytes as the other's
/// have, so values may differ between them and lengths may not.
using Conversation = std::vector<Turn>;

struct Topic {
    std::string_view name;
    Conversation (*make)();
};

/// Mining dialects beyond Monero's and Bitcoin's clients and pools, calls of a node's mining
/// interface, handshakes of nodes, and what only looks like one of them.
[[nodiscard]] std::span<const Topic> pool_topics();
[[nodiscard]] std::span<const Topic> node_topics();
[[nodiscard]] std::span<const Topic> other_topics();

/// Puts a transport in front: direct, socks4, socks5, connect or websocket.
[[nodiscard]] Conversation via(std::string_view transport, Conversation inner);

/// So many random digits.
[[nodiscard]] std::string hex_digits(std::size_t count);

[[nodiscard]] std::string http_post(std::string_view body, std::string_view fields = "",
                                    std::string_view target = "/");
[[nodiscard]] std::string http_answer(std::string_view body,
                                      std::string_view type = "application/json");

} // namespace minewarden::lab
