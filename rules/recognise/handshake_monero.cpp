// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/node_handshake.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

using namespace std::string_view_literals;

// Monero: contrib/epee/include/net/levin_base.h and storages/portable_storage_base.h.
constexpr std::string_view signature = "\x01\x21\x01\x01\x01\x01\x01\x01"sv;
constexpr std::size_t header_size =
    33; // signature 8, size 8, expects 1, command 4, code 4, flags 4, version 4
constexpr std::string_view handshake_command = "\xe9\x03\0\0"sv; // 1001
constexpr std::string_view storage_header = "\x01\x11\x01\x01\x01\x01\x02\x01\x01"sv;
constexpr std::uint64_t maximum_body = 256ULL * 1024; // a response lists up to 250 peers

// Monero: src/cryptonote_config.h, NETWORK_ID.
constexpr std::string_view network_key = "\x0anetwork_id\x0a\x40"sv; // a string of 16 bytes
constexpr std::size_t network_id_size = 16;
constexpr std::string_view network_head =
    "\x12\x30\xf1\x71\x61\x04\x41\x61\x17\x31\0\x82\x16\xa1\xa1"sv;

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        number = number << 8U | static_cast<unsigned char>(bytes[i]);
    return number;
}

std::string_view network_of(std::string_view body) {
    const std::size_t key = body.find(network_key);
    if (key == body.npos) return "other";
    const std::string_view id = body.substr(key + network_key.size(), network_id_size);
    if (id.size() < network_id_size || !id.starts_with(network_head)) return "other";
    switch (id.back()) {
    case '\x10':
        return "mainnet";
    case '\x11':
        return "testnet";
    case '\x12':
        return "stagenet";
    default:
        return "other";
    }
}

} // namespace

HandshakeMatch match_monero(std::string_view bytes, NodeHandshake& found) {
    const std::size_t compared = std::min(bytes.size(), signature.size());
    if (bytes.substr(0, compared) != signature.substr(0, compared)) return HandshakeMatch::no;
    if (bytes.size() < header_size) return HandshakeMatch::more;
    const std::uint64_t size = little_endian(bytes.substr(8, 8));
    const std::uint64_t flags = little_endian(bytes.substr(25, 4));
    const std::uint64_t version = little_endian(bytes.substr(29, 4));
    constexpr std::uint64_t request = 1;
    constexpr std::uint64_t response = 2;
    if (bytes.substr(17, 4) != handshake_command || size < storage_header.size() ||
        size > maximum_body || (flags != request && flags != response) || version != 1)
        return HandshakeMatch::no;
    const std::string_view body = bytes.substr(header_size, size);
    const std::size_t seen = std::min(body.size(), storage_header.size());
    if (body.substr(0, seen) != storage_header.substr(0, seen)) return HandshakeMatch::no;
    // The network id is in the first section. Do not wait for more bytes than this to find it.
    constexpr std::size_t enough = 1024;
    if (body.size() < std::min<std::uint64_t>(size, enough) && network_of(body) == "other")
        return HandshakeMatch::more;
    found = {};
    found.network = NodeNetwork::monero;
    found.sender = flags == request ? NodeSide::initiator : NodeSide::responder;
    found.variant = network_of(body);
    return HandshakeMatch::yes;
}

} // namespace minewarden::rules
