// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"
#include "rules/recognise/node_handshake.h"

#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <array>
#include <span>

namespace minewarden::rules {
namespace {

using namespace std::string_view_literals;

struct Magic {
    std::string_view bytes;
    std::string_view network;
};

// bitcoin/bitcoin src/kernel/chainparams.cpp, pchMessageStart.
constexpr std::array<Magic, 5> magics{{{"\xf9\xbe\xb4\xd9"sv, "mainnet"},
                                       {"\x0b\x11\x09\x07"sv, "testnet3"},
                                       {"\x1c\x16\x3f\x28"sv, "testnet4"},
                                       {"\x0a\x03\xcf\x40"sv, "signet"},
                                       {"\xfa\xbf\xb5\xda"sv, "regtest"}}};
constexpr std::string_view command = "version\0\0\0\0\0"sv;
constexpr std::size_t header_size = 24; // magic 4, command 12, length 4, checksum 4
// version 4, services 8, time 8, two addresses of 26, nonce 8, length of the user agent 1
constexpr std::size_t agent_at = 80;
constexpr std::size_t minimum_payload = 85;           // with an empty user agent
constexpr std::size_t maximum_payload = 85 + 256 + 2; // BIP 14 agents of at most 256 bytes; relay

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        number = number << 8U | static_cast<unsigned char>(bytes[i]);
    return number;
}

bool has_checksum(std::string_view payload, std::string_view checksum) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> once{};
    std::array<unsigned char, crypto_hash_sha256_BYTES> twice{};
    const auto* bytes = reinterpret_cast<const unsigned char*>(payload.data()); // char to byte
    crypto_hash_sha256(once.data(), bytes, payload.size());
    crypto_hash_sha256(twice.data(), once.data(), once.size());
    return std::ranges::equal(checksum, std::span(twice).first(4), [](char a, unsigned char b) {
        return static_cast<unsigned char>(a) == b;
    });
}

/// "/Satoshi:25.0.0/" (BIP 14) -> "Satoshi"
std::string agent_name(std::string_view payload) {
    const std::size_t length = static_cast<unsigned char>(payload[agent_at]);
    if (length == 0 || payload.size() < agent_at + 1 + length) return {};
    std::string agent(payload.substr(agent_at + 1, length));
    if (agent.starts_with('/')) agent.erase(0, 1);
    std::ranges::replace(agent, ':', '/');
    return product_name(agent);
}

} // namespace

HandshakeMatch match_bitcoin(std::string_view bytes, NodeHandshake& found) {
    const auto magic = std::ranges::find_if(magics, [&](const Magic& known) {
        const std::size_t size = std::min(known.bytes.size(), bytes.size());
        return known.bytes.substr(0, size) == bytes.substr(0, size);
    });
    if (magic == magics.end()) return HandshakeMatch::no;
    const std::string_view after_magic = bytes.substr(std::min<std::size_t>(4, bytes.size()));
    const std::size_t compared = std::min(after_magic.size(), command.size());
    if (after_magic.substr(0, compared) != command.substr(0, compared)) return HandshakeMatch::no;
    if (bytes.size() < header_size) return HandshakeMatch::more;
    const std::uint64_t size = little_endian(bytes.substr(16, 4));
    if (size < minimum_payload || size > maximum_payload) return HandshakeMatch::no;
    const std::string_view payload = bytes.substr(header_size, size);
    if (payload.size() < size) return HandshakeMatch::more;
    if (!has_checksum(payload, bytes.substr(20, 4))) return HandshakeMatch::no;
    constexpr std::uint64_t serves_all = 1;          // NODE_NETWORK
    constexpr std::uint64_t serves_recent = 1 << 10; // NODE_NETWORK_LIMITED (BIP 159)
    found = {};
    found.network = NodeNetwork::bitcoin;
    found.variant = magic->network;
    found.serves_chain = (little_endian(payload.substr(4, 8)) & (serves_all | serves_recent)) != 0;
    found.software = agent_name(payload);
    return HandshakeMatch::yes;
}

} // namespace minewarden::rules
