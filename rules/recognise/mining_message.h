// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/json_line.h"

#include <optional>
#include <string>
#include <string_view>

/// Messages of mining protocols (Stratum dialects and the mining calls of nodes). They are
/// recognised by structure, never by a word somewhere in the payload; key order and white space do
/// not matter. Private data (login name, password, job data) is reduced to its form here and
/// discarded.
namespace minewarden::rules {

enum class MiningProtocol {
    monero,             ///< CryptoNote pools
    bitcoin,            ///< Stratum version 1
    ethereum_stratum_1, ///< EthereumStratum/1.0.0 of NiceHash
    ethereum_stratum_2, ///< EthereumStratum/2.0.0 (EIP-1571)
    eth_proxy,          ///< eth_submitLogin and eth_getWork as lines
    kawpow,             ///< Stratum of Ravencoin's KawPow
    zcash,              ///< ZIP 301
    beam,               ///< BeamHash, as NiceHash describes it
    grin,               ///< Cuckoo cycles: Grin and its forks
    iron_fish,          ///< FishHash
    stratum_v2,         ///< Stratum version 2 without encryption
    browser,            ///< mining scripts in browsers, over WebSocket
    getwork,            ///< Bitcoin's old getwork over HTTP
    block_template,     ///< Bitcoin's getblocktemplate and submitblock (BIP 22)
    eth_getwork,        ///< eth_getWork and eth_submitWork over HTTP
    monero_daemon       ///< mining calls of monerod over HTTP
};
enum class MiningSide { client, server };

/// A message, already redacted.
struct MiningMessage {
    MiningProtocol protocol = MiningProtocol::monero;
    std::string_view message; ///< name; the schema of stratum.message lists them
    MiningSide sender = MiningSide::client;
    bool miner_header = false;        ///< the HTTP request had a header that only miners send
    std::string_view wallet = "none"; ///< form of a login name: monero, bitcoin, other, none
    std::string software;             ///< product_name() of the client, or ""
    int algorithms = 0;               ///< number of known mining algorithm names listed
};

[[nodiscard]] MiningMessage make_message(MiningProtocol protocol, std::string_view name,
                                         MiningSide sender);

/// The protocol of a connection on which `before` and then `now` was recognised. Some protocols
/// share requests with bitcoin, and grin shares its login with monero; the more specific one
/// counts.
[[nodiscard]] MiningProtocol narrower_protocol(MiningProtocol before, MiningProtocol now);

[[nodiscard]] std::string_view to_string(MiningProtocol protocol);
[[nodiscard]] std::string_view to_string(MiningSide side);

/// CryptoNote JSON-RPC as xmrig and its pools speak it (xmrig-proxy, doc/STRATUM.md): login, job
/// (pushed, or in the reply to login), submit, keepalived.
[[nodiscard]] std::optional<MiningMessage> recognise_monero(const JsonLine& line);

/// A call to the mining interface of a node, or its answer, in the body of an HTTP message:
/// getwork, getblocktemplate and submitblock of Bitcoin (BIP 22) and Monero (monerod's JSON-RPC),
/// eth_getWork and eth_submitWork (Ethereum's JSON-RPC). Calls of wallets and monitoring are not
/// included.
[[nodiscard]] std::optional<MiningMessage> recognise_work_call(const JsonLine& line);

/// EthereumStratum 1 and 2 (NiceHash, EIP-1571), eth-proxy and KawPow. Requests that look the same
/// in Bitcoin's Stratum (mining.authorize) are left to recognise_bitcoin.
[[nodiscard]] std::optional<MiningMessage> recognise_ethereum(const JsonLine& line);

/// Zcash's Stratum (ZIP 301), except requests that it shares with Bitcoin's Stratum.
[[nodiscard]] std::optional<MiningMessage> recognise_zcash(const JsonLine& line);

/// Beam's Stratum: login with a key, job, solution, all as top-level fields.
[[nodiscard]] std::optional<MiningMessage> recognise_beam(const JsonLine& line);

/// Grin's Stratum: getjobtemplate, job and submitted cycles (mimblewimble/grin, doc/stratum.md).
/// Its login looks like Monero's.
[[nodiscard]] std::optional<MiningMessage> recognise_grin(const JsonLine& line);

/// Iron Fish's Stratum; its messages have a "body" (ironfish, mining/stratum).
[[nodiscard]] std::optional<MiningMessage> recognise_iron_fish(const JsonLine& line);

/// Protocols between browser miners and their relays: auth with a site key, job and submit
/// (Coinhive and similar), or handshake, job and solved (webminerpool).
[[nodiscard]] std::optional<MiningMessage> recognise_browser(const JsonLine& line);

/// Tries all line protocols: all recognise_* functions except recognise_work_call.
[[nodiscard]] std::optional<MiningMessage> recognise_line(const JsonLine& line);

/// Stratum version 1 (https://braiins.com/stratum-v1/docs): mining.* methods and the reply to
/// mining.subscribe.
[[nodiscard]] std::optional<MiningMessage> recognise_bitcoin(const JsonLine& line);

/// "XMRig/6.26.0 (Linux...)" -> "XMRig": a product name (RFC 9110 10.1.5) before a version, at most
/// 24 letters, digits, '-', '_' and '.'. "other" for anything else, because it could be a wallet or
/// a password.
[[nodiscard]] std::string product_name(std::string_view text);

/// The kind of wallet a login name looks like: monero, bitcoin, ethereum, other, none. A worker
/// name or a difficulty may follow the address: address.worker, address+50000.
[[nodiscard]] std::string_view wallet_form(std::string_view login);

} // namespace minewarden::rules
