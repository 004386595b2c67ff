// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

#include <algorithm>

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

// In hexadecimal digits. A block header of 80 bytes comes with SHA-256 padding to 128; headers of
// other coins are longer.
constexpr std::size_t minimum_work_digits = 160;
// A block has a header of 80 bytes, a count and a transaction of at least 60 bytes.
constexpr std::size_t minimum_block_digits = std::size_t{2} * 141;
// A header of 43 bytes, a miner transaction and a count.
constexpr std::size_t minimum_monero_block_digits = std::size_t{2} * 76;

bool is_hex_from(const std::string* text, std::size_t minimum) {
    return text != nullptr && text->size() >= minimum && is_hex(*text);
}

bool is_hash(const std::string* text) {
    return text != nullptr && text->size() == 64 && is_hex(*text);
}

/// A Monero block begins with two versions below 32 and a time. In its variable-length form, the
/// first four bytes of a current time have the top bit set. A Bitcoin block begins with a four-byte
/// version.
bool begins_as_monero_block(std::string_view digits) {
    const auto is_small = [](char c) { return c == '0' || c == '1'; };
    const auto has_top_bit = [](char c) { return c > '7'; };
    return is_small(digits[0]) && is_small(digits[2]) && has_top_bit(digits[4]) &&
           has_top_bit(digits[6]) && has_top_bit(digits[8]) && has_top_bit(digits[10]);
}

bool is_no_or_empty(const JsonLine& line, std::string_view path) {
    const JsonLine::Member* member = line.find(path);
    return member == nullptr || member->kind == Kind::null ||
           (member->kind == Kind::array && member->size == 0);
}

/// The fields that bitcoind writes before the transactions. Fields after them are usually not
/// captured.
bool is_template_start(const JsonLine& line) {
    return line.has("result.version", Kind::number) && line.has("result.rules", Kind::array) &&
           line.has("result.vbrequired", Kind::number);
}

std::optional<MiningMessage> request(const JsonLine& line, std::string_view method) {
    using enum MiningProtocol;
    constexpr auto client = MiningSide::client;
    if (method == "getwork") {
        if (is_no_or_empty(line, "params")) return make_message(getwork, "get_work", client);
        if (is_hex_from(line.text("params[0]"), minimum_work_digits))
            return make_message(getwork, "submit", client);
        return std::nullopt;
    }
    // monerod has two names for each call.
    if (method == "getblocktemplate" || method == "get_block_template") {
        if (const std::string* wallet = line.text("params.wallet_address")) {
            MiningMessage found = make_message(monero_daemon, "get_work", client);
            found.wallet = wallet_form(*wallet);
            return found;
        }
        if (is_no_or_empty(line, "params") || line.has("params[0]", Kind::object))
            return make_message(block_template, "get_work", client);
        return std::nullopt;
    }
    if (method == "submitblock" || method == "submit_block") {
        const std::string* block = line.text("params[0]");
        if (!is_hex_from(block, minimum_monero_block_digits)) return std::nullopt;
        const bool is_monero = begins_as_monero_block(*block);
        if (is_monero) return make_message(monero_daemon, "submit", client);
        if (block->size() >= minimum_block_digits)
            return make_message(block_template, "submit", client);
        return std::nullopt;
    }
    if (method.starts_with("eth_")) {
        auto found = recognise_ethereum(line);
        if (!found || found->message == "login") return std::nullopt;
        found->protocol = eth_getwork;
        return found;
    }
    return std::nullopt;
}

} // namespace

std::optional<MiningMessage> recognise_work_call(const JsonLine& line) {
    using enum MiningProtocol;
    constexpr auto server = MiningSide::server;
    if (const std::string* method = line.text("method")) return request(line, *method);
    if (is_hex_from(line.text("result.data"), minimum_work_digits) &&
        is_hash(line.text("result.target")))
        return make_message(getwork, "work", server);
    if (is_hash(line.text("result.previousblockhash")) &&
        line.has("result.transactions", Kind::array) &&
        ((line.text("result.bits") != nullptr && line.has("result.height", Kind::number)) ||
         is_template_start(line)))
        return make_message(block_template, "work", server);
    if (is_hex_from(line.text("result.blocktemplate_blob"), minimum_monero_block_digits) &&
        is_hex_from(line.text("result.blockhashing_blob"), minimum_monero_block_digits - 12))
        return make_message(monero_daemon, "work", server);
    auto found = recognise_ethereum(line);
    if (found && found->message == "work") {
        found->protocol = eth_getwork;
        return found;
    }
    return std::nullopt;
}

} // namespace minewarden::rules
