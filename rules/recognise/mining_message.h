// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/json_line.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Mining protocols in JSON (Stratum and the work calls of nodes), recognised by the structure of
/// their messages and never by a word somewhere in the payload. Key order and white space do not
/// matter. What is private (login name, password, job data) is reduced here to its form and goes no
/// further.
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
    browser,            ///< as scripts in browsers speak it over WebSocket
    getwork,            ///< Bitcoin's old getwork over HTTP
    block_template,     ///< Bitcoin's getblocktemplate and submitblock (BIP 22)
    eth_getwork,        ///< eth_getWork and eth_submitWork over HTTP
    monero_daemon       ///< mining calls of monerod over HTTP
};
enum class MiningSide { client, server };

/// What a message says to a request of the other end.
enum class Reply : std::uint8_t {
    none,    ///< it is no reply
    result,  ///< a reply without an error
    refusal, ///< a result of false, or an error as pools refuse shares with
    error    ///< another error: of the protocol, or because the other end is not logged in
};

/// A message, already redacted.
struct MiningMessage {
    MiningProtocol protocol = MiningProtocol::monero;
    std::string_view message; ///< name, as the schema of stratum.message lists them
    MiningSide sender = MiningSide::client;
    bool miner_header = false;        ///< came with an HTTP header that only miners send
    std::string_view wallet = "none"; ///< form of a login name: monero, bitcoin, other, none
    std::string software;             ///< product_name() of the client, "" if it gives none
    int algorithms = 0;               ///< known mining algorithm names listed
    std::uint64_t id = 0;             ///< a hash of the JSON-RPC id, never sent on; 0: no JSON
    Reply reply = Reply::none;        ///< to the request with this id
    /// In protocols without ids: the message of the other end that this one answers.
    std::string_view answers = {};

    /// A reply that says nothing else: no message of stratum.message, and of no known dialect.
    [[nodiscard]] bool is_bare_answer() const { return message == "answer"; }
};

[[nodiscard]] MiningMessage make_message(MiningProtocol protocol, std::string_view name,
                                          MiningSide sender);

/// What a connection speaks on which `before` and then `now` was seen. Dialects share requests with
/// the Bitcoin one, and Grin its login with Monero's: who said more than these is named by that.
[[nodiscard]] MiningProtocol narrower_protocol(MiningProtocol before, MiningProtocol now);

/// The calls of a node's mining interface; the others are dialects of pools.
[[nodiscard]] bool is_node_call(MiningProtocol protocol);

[[nodiscard]] std::string_view to_string(MiningProtocol protocol);
[[nodiscard]] std::string_view to_string(MiningSide side);

/// CryptoNote JSON-RPC dialect: login, job (pushed, or in the reply to login), submit, keepalived
/// (knowledge/detection.md 1.1).
[[nodiscard]] std::optional<MiningMessage> recognise_monero(const JsonLine& line);

/// The call of a node's mining interface, or its answer, in the body of an HTTP message
/// (knowledge/detection.md 1.1, 1.3 and 1.4): getwork, getblocktemplate and submitblock of Bitcoin
/// and Monero, eth_getWork and eth_submitWork. What wallets and monitoring call is none of these.
[[nodiscard]] std::optional<MiningMessage> recognise_work_call(const JsonLine& line);

/// EthereumStratum 1 and 2, eth-proxy and KawPow (knowledge/detection.md 1.4). Requests that look
/// the same in the Bitcoin dialect (mining.authorize) are left to it.
[[nodiscard]] std::optional<MiningMessage> recognise_ethereum(const JsonLine& line);

/// Zcash's Stratum (ZIP 301). As above for what it shares with the Bitcoin dialect.
[[nodiscard]] std::optional<MiningMessage> recognise_zcash(const JsonLine& line);

/// Beam's Stratum: login with a key, job, solution, as fields of the line itself.
[[nodiscard]] std::optional<MiningMessage> recognise_beam(const JsonLine& line);

/// Grin's Stratum: getjobtemplate, job and a cycle submitted (mimblewimble/grin, doc/stratum.md).
/// Its login is the one of the Monero dialect.
[[nodiscard]] std::optional<MiningMessage> recognise_grin(const JsonLine& line);

/// Iron Fish's Stratum, whose messages have a body (ironfish, mining/stratum).
[[nodiscard]] std::optional<MiningMessage> recognise_iron_fish(const JsonLine& line);

/// As miners in browsers speak with their relays: auth with a site key, job and submit (Coinhive
/// and its kin), or handshake, job and solved (webminerpool).
[[nodiscard]] std::optional<MiningMessage> recognise_browser(const JsonLine& line);

/// A line in any of the dialects that come as lines (all but recognise_work_call's).
[[nodiscard]] std::optional<MiningMessage> recognise_line(const JsonLine& line);

/// Stratum version 1 (knowledge/detection.md 1.2): mining.* methods and the reply to
/// mining.subscribe.
[[nodiscard]] std::optional<MiningMessage> recognise_bitcoin(const JsonLine& line);

/// "XMRig/6.26.0 (Linux...)" -> "XMRig": a product name (RFC 9110 10.1.5) in front of a version, at
/// most 24 letters, digits, '-', '_' and '.'; "other" for anything else, which could be a wallet or
/// a password.
[[nodiscard]] std::string product_name(std::string_view text);

/// Which kind of wallet a login name looks like: monero, bitcoin, ethereum, other, none. A worker's
/// name or a difficulty may follow it: address.worker, address+50000.
[[nodiscard]] std::string_view wallet_form(std::string_view login);

} // namespace minewarden::rules
