// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/recognise/json_line.h"

#include <optional>
#include <string>
#include <string_view>

/// Mining pool protocols (Stratum), recognised by the structure of their JSON messages and never by
/// a word somewhere in the payload. Key order and white space do not matter. What is private (login
/// name, password, job data) is reduced here to its form and goes no further.
namespace minewarden::rules {

enum class StratumDialect { monero, bitcoin };
enum class StratumSide { client, server };

/// A message, already redacted.
struct StratumMessage {
    StratumDialect dialect = StratumDialect::monero;
    std::string_view message; ///< name, as the schema of stratum.message lists them
    StratumSide sender = StratumSide::client;
    std::string_view wallet = "none"; ///< form of a login name: monero, bitcoin, other, none
    std::string software;             ///< product_name() of the client, "" if it gives none
    int algorithms = 0;               ///< known mining algorithm names listed
};

[[nodiscard]] std::string_view to_string(StratumDialect dialect);
[[nodiscard]] std::string_view to_string(StratumSide side);

/// CryptoNote JSON-RPC dialect: login, job (pushed, or in the reply to login), submit, keepalived
/// (knowledge/detection.md 1.1).
[[nodiscard]] std::optional<StratumMessage> recognise_monero(const JsonLine& line);

/// Stratum version 1 (knowledge/detection.md 1.2): mining.* methods and the reply to
/// mining.subscribe.
[[nodiscard]] std::optional<StratumMessage> recognise_bitcoin(const JsonLine& line);

/// "XMRig/6.26.0 (Linux...)" -> "XMRig": a product name (RFC 9110 10.1.5) in front of a version, at
/// most 24 letters, digits, '-', '_' and '.'; "other" for anything else, which could be a wallet or
/// a password.
[[nodiscard]] std::string product_name(std::string_view text);

/// Which kind of wallet a login name looks like: monero, bitcoin, other, none. A worker's name or a
/// difficulty may follow it: address.worker, address+50000.
[[nodiscard]] std::string_view wallet_form(std::string_view login);

} // namespace minewarden::rules
