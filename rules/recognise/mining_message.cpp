// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {

std::string_view to_string(MiningProtocol protocol) {
    constexpr std::array<std::string_view, 16> names{"monero",
                                                     "bitcoin",
                                                     "ethereumstratum-1",
                                                     "ethereumstratum-2",
                                                     "eth-proxy",
                                                     "kawpow",
                                                     "zcash",
                                                     "beam",
                                                     "grin",
                                                     "iron-fish",
                                                     "stratum-v2",
                                                     "browser",
                                                     "getwork",
                                                     "getblocktemplate",
                                                     "eth-getwork",
                                                     "monero-daemon"};
    return names[static_cast<std::size_t>(protocol)];
}

MiningMessage make_message(MiningProtocol protocol, std::string_view name, MiningSide sender) {
    MiningMessage message;
    message.protocol = protocol;
    message.message = name;
    message.sender = sender;
    return message;
}

MiningProtocol narrower_protocol(MiningProtocol before, MiningProtocol now) {
    using enum MiningProtocol;
    const bool was_shared = before == bitcoin || (before == monero && now == grin);
    return was_shared ? now : before;
}

std::string_view to_string(MiningSide side) {
    return side == MiningSide::client ? "client" : "server";
}

namespace {

// Base58 lengths of Monero addresses: standard and subaddress 95, integrated 106.
constexpr std::size_t monero_address = 95;
constexpr std::size_t monero_integrated_address = 106;

/// 0x and 20 bytes in hexadecimal digits.
bool is_ethereum_address(std::string_view text) {
    return text.size() == 42 && text.starts_with("0x") && is_hex(text.substr(2));
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_base58(char c) {
    return is_alphanumeric(c) && c != '0' && c != 'I' && c != 'O' && c != 'l';
}

bool is_monero_address(std::string_view text) {
    return (text.size() == monero_address || text.size() == monero_integrated_address) &&
           (text.front() == '4' || text.front() == '8') && std::ranges::all_of(text, is_base58);
}

/// Base58Check (25 to 34 characters beginning with 1 or 3) or Bech32 (BIP 173).
bool is_bitcoin_address(std::string_view text) {
    const bool legacy = text.size() >= 25 && text.size() <= 34 &&
                        (text.front() == '1' || text.front() == '3') &&
                        std::ranges::all_of(text, is_base58);
    const bool bech32 = text.size() >= 42 && text.size() <= 90 && text.starts_with("bc1") &&
                        std::ranges::all_of(text, is_alphanumeric);
    return legacy || bech32;
}

} // namespace

std::string product_name(std::string_view text) {
    constexpr std::size_t maximum_bytes = 24;
    const std::size_t slash = text.find('/');
    const std::string_view name = text.substr(0, slash);
    const bool has_version = slash != text.npos && slash + 1 < text.size() &&
                             text[slash + 1] >= '0' && text[slash + 1] <= '9';
    const bool is_name =
        !name.empty() && name.size() <= maximum_bytes && std::ranges::all_of(name, [](char c) {
            return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
        });
    return has_version && is_name ? std::string(name) : "other";
}

std::string_view wallet_form(std::string_view login) {
    if (login.empty()) return "none";
    const std::string_view address = login.substr(0, login.find_first_of(".+/"));
    if (is_monero_address(address)) return "monero";
    if (is_ethereum_address(address)) return "ethereum";
    return is_bitcoin_address(address) ? "bitcoin" : "other";
}

std::optional<MiningMessage> recognise_line(const JsonLine& line) {
    // Try Bitcoin's Stratum last: the others are more specific and share its method names.
    for (const auto recognise :
         {recognise_monero, recognise_ethereum, recognise_zcash, recognise_beam, recognise_grin,
          recognise_iron_fish, recognise_browser, recognise_bitcoin}) {
        if (auto found = recognise(line)) return found;
    }
    return std::nullopt;
}

} // namespace minewarden::rules
