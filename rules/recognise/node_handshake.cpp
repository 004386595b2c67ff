// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/node_handshake.h"

#include <array>

namespace minewarden::rules {

std::string_view to_string(NodeNetwork network) {
    constexpr std::array<std::string_view, 4> names{"bitcoin", "ethereum", "libp2p", "monero"};
    return names[static_cast<std::size_t>(network)];
}

std::string_view to_string(NodeSide side) {
    constexpr std::array<std::string_view, 3> names{"unknown", "initiator", "responder"};
    return names[static_cast<std::size_t>(side)];
}

HandshakeMatch match_handshake(std::string_view bytes, NodeHandshake& found) {
    bool more = false;
    // Try Levin before RLPx: both may begin with 01.
    for (const auto match : {match_monero, match_bitcoin, match_libp2p, match_ethereum}) {
        NodeHandshake candidate;
        switch (match(bytes, candidate)) {
        case HandshakeMatch::yes:
            found = std::move(candidate);
            return HandshakeMatch::yes;
        case HandshakeMatch::more:
            more = true;
            break;
        case HandshakeMatch::no:
            break;
        }
    }
    return more ? HandshakeMatch::more : HandshakeMatch::no;
}

} // namespace minewarden::rules
