// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/node_handshake.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <array>

namespace minewarden::rules {
namespace {

using boost::multiprecision::uint256_t;
using boost::multiprecision::uint512_t;

// devp2p rlpx.md: 0x04 and the ephemeral key, initialisation vector, ciphertext, authentication
// tag.
constexpr std::size_t key_size = 65;
constexpr std::size_t overhead = key_size + 16 + 32;
// EIP-8 bodies in RLP: auth [signature 65, key 64, nonce 32, version], ack [key 64, nonce 32,
// version]. Implementations add less than 300 bytes of random padding.
constexpr std::size_t smallest_ack = overhead + 100;
constexpr std::size_t largest_auth = overhead + std::size_t{2} * 300;

uint256_t number(std::string_view bytes) {
    uint256_t value = 0;
    for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
    return value;
}

/// y^2 = x^3 + 7 over the field of SEC 2 2.4.1. A random key passes with probability 2^-255.
bool is_on_secp256k1(std::string_view key) {
    static const uint512_t p("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
    const uint512_t x = number(key.substr(1, 32));
    const uint512_t y = number(key.substr(33, 32));
    if (x >= p || y >= p) return false;
    const uint512_t x_squared = x * x % p;
    const uint512_t right = (x_squared * x + 7) % p;
    const uint512_t left = y * y % p;
    return left == right;
}

} // namespace

HandshakeMatch match_ethereum(std::string_view bytes, NodeHandshake& found) {
    if (bytes.empty()) return HandshakeMatch::more;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    std::size_t key_at = 0;
    if (at(0) != 4) {
        if (at(0) > largest_auth >> 8U) return HandshakeMatch::no;
        if (bytes.size() < 3) return HandshakeMatch::more;
        const std::size_t size = std::size_t{at(0)} << 8U | at(1);
        if (size < smallest_ack || size > largest_auth || at(2) != 4) return HandshakeMatch::no;
        key_at = 2;
    }
    if (bytes.size() < key_at + key_size) return HandshakeMatch::more;
    if (!is_on_secp256k1(bytes.substr(key_at, key_size))) return HandshakeMatch::no;
    found = {};
    found.network = NodeNetwork::ethereum;
    found.variant = key_at == 0 ? "legacy" : "eip8";
    return HandshakeMatch::yes;
}

} // namespace minewarden::rules
