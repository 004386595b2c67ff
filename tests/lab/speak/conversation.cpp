// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/speak/conversation.h"

#include "tests/lab/run/random.h"

#include <fmt/core.h>

namespace minewarden::lab {
namespace {

using namespace std::string_literals;

/// One text frame (RFC 6455 5.2). Clients mask it.
std::string frame(const Turn& turn) {
    const std::string& payload = turn.bytes;
    std::string made = "\x81";
    const unsigned mask_bit = turn.client ? 0x80U : 0U;
    constexpr std::size_t longest_short = 125;
    if (payload.size() <= longest_short) {
        made += static_cast<char>(mask_bit | payload.size());
    } else {
        made += static_cast<char>(mask_bit | 126U);
        made += static_cast<char>(payload.size() >> 8U);
        made += static_cast<char>(payload.size() & 0xffU);
    }
    if (!turn.client) return made + payload;
    const std::string mask = random_bytes(4);
    made += mask;
    for (std::size_t i = 0; i < payload.size(); ++i)
        made += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
    return made;
}

} // namespace

Conversation via(std::string_view transport, Conversation inner) {
    Conversation made;
    if (transport == "socks5") {
        made = {{true, "\x05\x01\x00"s},
                {false, "\x05\x00"s},
                {true, "\x05\x01\x00\x03\x0apool.test.\x0d\x05"s},
                {false, "\x05\x00\x00\x01\x7f\x00\x00\x01\x0d\x05"s}};
    } else if (transport == "socks4") { // 4A: the proxy resolves the name
        made = {{true, "\x04\x01\x0d\x05\x00\x00\x00\x01lab\x00pool.test\x00"s},
                {false, "\x00\x5a\x00\x00\x00\x00\x00\x00"s}};
    } else if (transport == "connect") {
        made = {{true, "CONNECT pool.test:3333 HTTP/1.1\r\nHost: pool.test:3333\r\n\r\n"},
                {false, "HTTP/1.1 200 Connection established\r\nVia: 1.1 lab\r\n\r\n"}};
    } else if (transport == "websocket") {
        made = {{true,
                 "GET /proxy HTTP/1.1\r\nHost: pool.test\r\nConnection: keep-alive, Upgrade\r\n"
                 "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"},
                {false, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\r\n"}};
        for (Turn& turn : inner) turn.bytes = frame(turn);
    }
    for (Turn& turn : inner) made.push_back(std::move(turn));
    return made;
}

std::string hex_digits(std::size_t count) {
    return random_hex((count + 1) / 2).substr(0, count);
}

std::string http_post(std::string_view body, std::string_view fields, std::string_view target) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{}"
                       "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                       target, fields, body.size(), body);
}

std::string http_answer(std::string_view body, std::string_view type) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", type,
                       body.size(), body);
}

} // namespace minewarden::lab
