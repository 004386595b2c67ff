// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

// In hexadecimal digits: a block header has 180 bytes or more (ironfish,
// primitives/blockheader.ts), a target 32, the searched nonce 8.
constexpr std::size_t minimum_header_digits = 360;
constexpr std::size_t hash_digits = 64;
constexpr std::size_t randomness_digits = 16;

MiningMessage message(std::string_view name, MiningSide sender) {
    return make_message(MiningProtocol::iron_fish, name, sender);
}

bool is_hash(const std::string* text) {
    return is_hex_of(text, hash_digits, hash_digits);
}

} // namespace

std::optional<MiningMessage> recognise_iron_fish(const JsonLine& line) {
    const std::string* method = line.text("method");
    if (method == nullptr || !line.has("body", Kind::object)) return std::nullopt;
    const bool has_request = line.has("body.miningRequestId", Kind::number);
    // The address has 64 digits. Some pools append a difficulty or a worker name.
    const std::string* address = line.text("body.publicAddress");
    const bool is_miner = address != nullptr && line.has("body.version", Kind::number);
    if (*method == "mining.subscribe" &&
        (is_miner || is_hash(address) || line.text("body.graffiti") != nullptr)) {
        MiningMessage found = message("subscribe", MiningSide::client);
        if (address != nullptr) found.wallet = "other";
        if (const std::string* agent = line.text("body.agent"))
            found.software = product_name(*agent);
        return found;
    }
    if (*method == "mining.subscribed" && line.has("body.clientId", Kind::number))
        return message("subscribe", MiningSide::server);
    if (*method == "mining.set_target" && is_hash(line.text("body.target")))
        return message("set_target", MiningSide::server);
    if (*method == "mining.notify" && has_request &&
        is_hex_of(line.text("body.header"), minimum_header_digits, JsonLine::maximum_bytes))
        return message("notify", MiningSide::server);
    if (*method == "mining.submit" && has_request &&
        (line.has("body.randomness", Kind::number) ||
         is_hex_of(line.text("body.randomness"), randomness_digits, randomness_digits)))
        return message("submit", MiningSide::client);
    return std::nullopt;
}

} // namespace minewarden::rules
