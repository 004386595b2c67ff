// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/http.h"
#include "rules/recognise/payload.h"
#include "rules/recognise/socks.h"
#include "rules/recognise/websocket.h"

#include <cstdlib>
#include <memory>

using namespace minewarden::rules;

/// One direction through the transport that the first byte names, in pieces of the size in the
/// second and at once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2); // byte to char
    const std::size_t piece = data[1] % 64 + 1;
    const auto run = [&](std::size_t step) {
        Exchange exchange;
        exchange.tunnel_asked = (data[0] & 8) != 0;
        std::unique_ptr<Layer> layer;
        switch (data[0] % 4) {
        case 0:
            layer = std::make_unique<HttpLayer>(exchange, 0);
            break;
        case 1:
            layer = std::make_unique<SocksLayer>(exchange, 0);
            break;
        case 2:
            layer = std::make_unique<WebSocketLayer>(exchange, 0);
            break;
        default:
            layer = std::make_unique<StreamLayer>(exchange, StreamStart::beginning);
        }
        Recognised found;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            layer->feed(bytes.substr(at, step), found);
        // Each message has its own bytes, at least the header of a frame (Stratum V2).
        if (found.messages.size() * 6 > bytes.size()) std::abort();
    };
    run(piece);
    run(bytes.size() + 1);
    return 0;
}
