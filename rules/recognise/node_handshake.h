// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The first messages of peer-to-peer networks: what nodes say to nodes. All are told by structure
/// that random bytes do not have: magic with checksum, a point on the curve, a header line.
namespace minewarden::rules {

enum class NodeNetwork : std::uint8_t { bitcoin, ethereum, libp2p, monero };

/// Who opened the connection, as far as the message itself or its order tells.
enum class NodeSide : std::uint8_t { unknown, initiator, responder };

struct NodeHandshake {
    NodeNetwork network = NodeNetwork::bitcoin;
    NodeSide sender = NodeSide::unknown;
    /// bitcoin: mainnet, testnet3, testnet4, signet, regtest, other; monero: mainnet, testnet,
    /// stagenet, other; ethereum: eip8, legacy; libp2p: noise, tls, plaintext, other.
    std::string_view variant = "other";
    std::string software;             ///< product_name() of the user agent (bitcoin), else ""
    std::optional<bool> serves_chain; ///< bitcoin: the sender offers blocks to others
};

[[nodiscard]] std::string_view to_string(NodeNetwork network);
[[nodiscard]] std::string_view to_string(NodeSide side);

/// The outcome of looking at the first bytes of a direction.
enum class HandshakeMatch : std::uint8_t { no, more, yes };

/// Each looks at the first bytes of one direction: `no` once they cannot be a handshake, `more`
/// while they could become one, `yes` with `found` filled in. Never reads past `bytes`.

/// `version` of Bitcoin: magic, command and double SHA-256 of the payload (protocol documentation).
[[nodiscard]] HandshakeMatch match_bitcoin(std::string_view bytes, NodeHandshake& found);
/// RLPx auth or ack (devp2p): with the size in front (EIP-8) or bare of 307 or 210 bytes; the
/// ephemeral key must be a point of secp256k1.
[[nodiscard]] HandshakeMatch match_ethereum(std::string_view bytes, NodeHandshake& found);
/// multistream-select 1.0.0 and the security protocol proposed after it.
[[nodiscard]] HandshakeMatch match_libp2p(std::string_view bytes, NodeHandshake& found);
/// Levin's handshake command (1001) with a portable-storage body (Monero: contrib/epee).
[[nodiscard]] HandshakeMatch match_monero(std::string_view bytes, NodeHandshake& found);

/// The first of them that does not say no.
[[nodiscard]] HandshakeMatch match_handshake(std::string_view bytes, NodeHandshake& found);

} // namespace minewarden::rules
