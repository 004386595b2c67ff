// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The first messages between nodes of peer-to-peer networks. They are recognised by structure that
/// random bytes do not have: a magic number with a checksum, a point on the curve, a header line.
namespace minewarden::rules {

enum class NodeNetwork : std::uint8_t { bitcoin, ethereum, libp2p, monero };

/// Whether the sender opened the connection, as far as the message or its order shows.
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

/// Result of matching the first bytes of a direction.
enum class HandshakeMatch : std::uint8_t { no, more, yes };

/// The match functions take the first bytes of one direction. They return `no` if the bytes cannot
/// be a handshake, `more` if more bytes are needed, `yes` with `found` filled in. They never read
/// past `bytes`.

/// Bitcoin's `version`: magic, command and double SHA-256 of the payload (protocol documentation).
[[nodiscard]] HandshakeMatch match_bitcoin(std::string_view bytes, NodeHandshake& found);
/// RLPx auth or ack (devp2p), with a size prefix (EIP-8), or without it of 307 or 210 bytes. The
/// ephemeral key must be a point on secp256k1.
[[nodiscard]] HandshakeMatch match_ethereum(std::string_view bytes, NodeHandshake& found);
/// multistream-select 1.0.0, followed by the proposed security protocol.
[[nodiscard]] HandshakeMatch match_libp2p(std::string_view bytes, NodeHandshake& found);
/// Levin handshake command (1001) with a portable-storage body (Monero: contrib/epee).
[[nodiscard]] HandshakeMatch match_monero(std::string_view bytes, NodeHandshake& found);

/// Tries all networks; returns the first result other than `no`.
[[nodiscard]] HandshakeMatch match_handshake(std::string_view bytes, NodeHandshake& found);

} // namespace minewarden::rules
