// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/node_handshake.h"

#include <algorithm>

namespace minewarden::rules {
namespace {

// multistream-select: each message is a length (here one byte) and a line.
constexpr std::string_view header = "\x13/multistream/1.0.0\n";
constexpr std::size_t maximum_protocol = 64;

std::string_view security(std::string_view protocol) {
    if (protocol == "/noise") return "noise";
    if (protocol.starts_with("/tls/")) return "tls";
    return protocol.starts_with("/plaintext/") ? "plaintext" : "other";
}

} // namespace

HandshakeMatch match_libp2p(std::string_view bytes, NodeHandshake& found) {
    const std::size_t compared = std::min(bytes.size(), header.size());
    if (bytes.substr(0, compared) != header.substr(0, compared)) return HandshakeMatch::no;
    if (bytes.size() < header.size()) return HandshakeMatch::more;
    found = {};
    found.network = NodeNetwork::libp2p;
    const std::string_view rest = bytes.substr(header.size());
    if (rest.empty()) return HandshakeMatch::more;
    const std::size_t size = static_cast<unsigned char>(rest[0]);
    if (size < 2 || size > maximum_protocol) return HandshakeMatch::no;
    if (rest.size() < size + 1) return HandshakeMatch::more;
    const std::string_view protocol = rest.substr(1, size);
    const bool is_protocol =
        (protocol.starts_with('/') || protocol == "na\n" || protocol == "ls\n") &&
        protocol.ends_with('\n');
    if (!is_protocol) return HandshakeMatch::no;
    found.variant = security(protocol.substr(0, size - 1));
    return HandshakeMatch::yes;
}

} // namespace minewarden::rules
