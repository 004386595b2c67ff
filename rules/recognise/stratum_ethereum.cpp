// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

std::string_view without_0x(std::string_view text) {
    return text.starts_with("0x") ? text.substr(2) : text;
}

/// Hexadecimal digits, with or without 0x.
bool is_0x_hex_of(const std::string* text, std::size_t minimum, std::size_t maximum) {
    if (text == nullptr) return false;
    const std::string_view digits = without_0x(*text);
    return digits.size() >= minimum && digits.size() <= maximum && is_hex(digits);
}

bool is_hash(const std::string* text) {
    return is_0x_hex_of(text, 64, 64);
}

std::size_t size_of(const JsonLine& line, std::string_view path) {
    const JsonLine::Member* member = line.find(path);
    return member != nullptr && member->kind == Kind::array ? member->size : 0;
}

/// [header hash, seed hash, target(, block number)]. Other calls also return lists of hashes
/// (eth_getFilterChanges), so require a small target: it has leading zeros from a difficulty of
/// 2^16.
bool is_work(const JsonLine& line) {
    const std::size_t size = size_of(line, "result");
    return (size == 3 || size == 4) && is_hash(line.text("result[0]")) &&
           is_hash(line.text("result[1]")) && is_hash(line.text("result[2]")) &&
           line.text("result[0]")->starts_with("0x") &&
           line.text("result[2]")->starts_with("0x0000");
}

std::optional<MiningMessage> eth_proxy(const JsonLine& line, std::string_view method) {
    constexpr auto protocol = MiningProtocol::eth_proxy;
    if (line.find("id") == nullptr || !line.has("params", Kind::array)) return std::nullopt;
    if (method == "eth_submitLogin" && line.text("params[0]") != nullptr) {
        MiningMessage found = make_message(protocol, "login", MiningSide::client);
        found.wallet = wallet_form(*line.text("params[0]"));
        return found;
    }
    if (method == "eth_getWork") return make_message(protocol, "get_work", MiningSide::client);
    // nonce, header hash, mix hash
    if (method == "eth_submitWork" && is_0x_hex_of(line.text("params[0]"), 16, 16) &&
        is_hash(line.text("params[1]")) && is_hash(line.text("params[2]")))
        return make_message(protocol, "submit", MiningSide::client);
    if (method == "eth_submitHashrate" && is_0x_hex_of(line.text("params[0]"), 1, 64) &&
        is_hash(line.text("params[1]")))
        return make_message(protocol, "hashrate", MiningSide::client);
    return std::nullopt;
}

/// NiceHash: [job id, hash, hash, clean]. EIP-1571: [job id, block, header hash, "0" or "1"].
/// KawPow: [job id, header hash, seed hash, target, clean, height, bits].
std::optional<MiningMessage> notify(const JsonLine& line) {
    const std::size_t size = size_of(line, "params");
    if (line.text("params[0]") == nullptr) return std::nullopt;
    if (size == 4 && is_hash(line.text("params[1]")) && is_hash(line.text("params[2]")) &&
        line.has("params[3]", Kind::boolean))
        return make_message(MiningProtocol::ethereum_stratum_1, "notify", MiningSide::server);
    const std::string* clean = line.text("params[3]");
    if (size == 4 && is_0x_hex_of(line.text("params[1]"), 1, 16) &&
        is_hash(line.text("params[2]")) && clean != nullptr && (*clean == "0" || *clean == "1"))
        return make_message(MiningProtocol::ethereum_stratum_2, "notify", MiningSide::server);
    if (size >= 6 && is_hash(line.text("params[1]")) && is_hash(line.text("params[2]")) &&
        is_hash(line.text("params[3]")) && line.has("params[4]", Kind::boolean) &&
        line.has("params[5]", Kind::number))
        return make_message(MiningProtocol::kawpow, "notify", MiningSide::server);
    return std::nullopt;
}

/// NiceHash: [user, job, nonce]. EIP-1571: [job, nonce, session "w-..."]. KawPow and Ethereum
/// pools: [user, job, nonce, header hash, mix hash].
std::optional<MiningMessage> submit(const JsonLine& line) {
    const std::size_t size = size_of(line, "params");
    if (line.text("params[0]") == nullptr || line.text("params[1]") == nullptr ||
        line.text("params[2]") == nullptr)
        return std::nullopt;
    if (size == 5 && is_0x_hex_of(line.text("params[2]"), 16, 16) &&
        is_hash(line.text("params[3]")) && is_hash(line.text("params[4]")))
        return make_message(MiningProtocol::kawpow, "submit", MiningSide::client);
    if (size != 3) return std::nullopt;
    if (is_0x_hex_of(line.text("params[2]"), 8, 16))
        return make_message(MiningProtocol::ethereum_stratum_1, "submit", MiningSide::client);
    if (line.text("params[2]")->starts_with("w-") && is_0x_hex_of(line.text("params[1]"), 8, 16))
        return make_message(MiningProtocol::ethereum_stratum_2, "submit", MiningSide::client);
    return std::nullopt;
}

/// {epoch, target, algo, extranonce}; each is sent only when it changes.
bool is_set(const JsonLine& line) {
    return is_0x_hex_of(line.text("params.target"), 32, 64) &&
           (line.text("params.epoch") != nullptr || line.text("params.algo") != nullptr ||
            line.text("params.extranonce") != nullptr);
}

std::optional<MiningMessage> mining(const JsonLine& line, std::string_view name) {
    constexpr auto version_2 = MiningProtocol::ethereum_stratum_2;
    if (name == "notify") return notify(line);
    if (name == "set" && is_set(line)) return make_message(version_2, "set", MiningSide::server);
    if (line.find("id") == nullptr) return std::nullopt; // the rest are requests
    if (name == "submit") return submit(line);
    const std::string* protocol = line.text("params.proto");
    if (name == "hello" && protocol != nullptr && *protocol == "EthereumStratum/2.0.0") {
        MiningMessage found = make_message(version_2, "hello", MiningSide::client);
        if (const std::string* agent = line.text("params.agent"))
            found.software = product_name(*agent);
        return found;
    }
    const std::string* version = line.text("params[1]");
    if (name == "subscribe" && version != nullptr && version->starts_with("EthereumStratum/")) {
        MiningMessage found =
            make_message(MiningProtocol::ethereum_stratum_1, "subscribe", MiningSide::client);
        if (const std::string* agent = line.text("params[0]"))
            found.software = product_name(*agent);
        return found;
    }
    return std::nullopt;
}

} // namespace

std::optional<MiningMessage> recognise_ethereum(const JsonLine& line) {
    if (const std::string* method = line.text("method")) {
        if (method->starts_with("mining.")) return mining(line, method->substr(7));
        return eth_proxy(line, *method);
    }
    if (is_work(line)) return make_message(MiningProtocol::eth_proxy, "work", MiningSide::server);
    const std::string* version = line.text("result[0][2]");
    const std::string* name = line.text("result[0][0]");
    if (version != nullptr && *version == "EthereumStratum/1.0.0" && name != nullptr &&
        *name == "mining.notify" && line.text("result[1]") != nullptr)
        return make_message(MiningProtocol::ethereum_stratum_1, "notify", MiningSide::server);
    const std::string* protocol = line.text("result.proto");
    if (protocol != nullptr && *protocol == "EthereumStratum/2.0.0" &&
        line.text("result.encoding") != nullptr)
        return make_message(MiningProtocol::ethereum_stratum_2, "hello", MiningSide::server);
    return std::nullopt;
}

} // namespace minewarden::rules
