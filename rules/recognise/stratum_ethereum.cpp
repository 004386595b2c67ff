// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/stratum.h"

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

/// [header hash, seed hash, target(, block number)]. Lists of hashes come from other calls as well
/// (eth_getFilterChanges); a target is a small number, with zeros in front from a difficulty of
/// 2^16.
bool is_work(const JsonLine& line) {
    const std::size_t size = size_of(line, "result");
    return (size == 3 || size == 4) && is_hash(line.text("result[0]")) &&
           is_hash(line.text("result[1]")) && is_hash(line.text("result[2]")) &&
           line.text("result[0]")->starts_with("0x") &&
           line.text("result[2]")->starts_with("0x0000");
}

std::optional<StratumMessage> eth_proxy(const JsonLine& line, std::string_view method) {
    constexpr auto dialect = StratumDialect::eth_proxy;
    if (line.find("id") == nullptr || !line.has("params", Kind::array)) return std::nullopt;
    if (method == "eth_submitLogin" && line.text("params[0]") != nullptr) {
        StratumMessage found = make_message(dialect, "login", StratumSide::client);
        found.wallet = wallet_form(*line.text("params[0]"));
        return found;
    }
    if (method == "eth_getWork") return make_message(dialect, "get_work", StratumSide::client);
    // nonce, header hash, mix hash
    if (method == "eth_submitWork" && is_0x_hex_of(line.text("params[0]"), 16, 16) &&
        is_hash(line.text("params[1]")) && is_hash(line.text("params[2]")))
        return make_message(dialect, "submit", StratumSide::client);
    if (method == "eth_submitHashrate" && is_0x_hex_of(line.text("params[0]"), 1, 64) &&
        is_hash(line.text("params[1]")))
        return make_message(dialect, "hashrate", StratumSide::client);
    return std::nullopt;
}

/// [job id, hash, hash, clean] of NiceHash; [job id, block, header hash, "0" or "1"] of EIP-1571;
/// [job id, header hash, seed hash, target, clean, height, bits] of KawPow.
std::optional<StratumMessage> notify(const JsonLine& line) {
    const std::size_t size = size_of(line, "params");
    if (line.text("params[0]") == nullptr) return std::nullopt;
    if (size == 4 && is_hash(line.text("params[1]")) && is_hash(line.text("params[2]")) &&
        line.has("params[3]", Kind::boolean))
        return make_message(StratumDialect::ethereum_stratum_1, "notify", StratumSide::server);
    const std::string* clean = line.text("params[3]");
    if (size == 4 && is_0x_hex_of(line.text("params[1]"), 1, 16) &&
        is_hash(line.text("params[2]")) && clean != nullptr && (*clean == "0" || *clean == "1"))
        return make_message(StratumDialect::ethereum_stratum_2, "notify", StratumSide::server);
    if (size >= 6 && is_hash(line.text("params[1]")) && is_hash(line.text("params[2]")) &&
        is_hash(line.text("params[3]")) && line.has("params[4]", Kind::boolean) &&
        line.has("params[5]", Kind::number))
        return make_message(StratumDialect::kawpow, "notify", StratumSide::server);
    return std::nullopt;
}

/// [user, job, nonce] of NiceHash; [job, nonce, session "w-..."] of EIP-1571; [user, job, nonce,
/// header hash, mix hash] of KawPow and of Ethereum pools.
std::optional<StratumMessage> submit(const JsonLine& line) {
    const std::size_t size = size_of(line, "params");
    if (line.text("params[0]") == nullptr || line.text("params[1]") == nullptr ||
        line.text("params[2]") == nullptr)
        return std::nullopt;
    if (size == 5 && is_0x_hex_of(line.text("params[2]"), 16, 16) &&
        is_hash(line.text("params[3]")) && is_hash(line.text("params[4]")))
        return make_message(StratumDialect::kawpow, "submit", StratumSide::client);
    if (size != 3) return std::nullopt;
    if (is_0x_hex_of(line.text("params[2]"), 8, 16))
        return make_message(StratumDialect::ethereum_stratum_1, "submit", StratumSide::client);
    if (line.text("params[2]")->starts_with("w-") && is_0x_hex_of(line.text("params[1]"), 8, 16))
        return make_message(StratumDialect::ethereum_stratum_2, "submit", StratumSide::client);
    return std::nullopt;
}

/// {epoch, target, algo, extranonce}, each of them once it changes.
bool is_set(const JsonLine& line) {
    return is_0x_hex_of(line.text("params.target"), 32, 64) &&
           (line.text("params.epoch") != nullptr || line.text("params.algo") != nullptr ||
            line.text("params.extranonce") != nullptr);
}

std::optional<StratumMessage> mining(const JsonLine& line, std::string_view name) {
    constexpr auto version_2 = StratumDialect::ethereum_stratum_2;
    if (name == "notify") return notify(line);
    if (name == "set" && is_set(line)) return make_message(version_2, "set", StratumSide::server);
    if (line.find("id") == nullptr) return std::nullopt; // what follows are requests
    if (name == "submit") return submit(line);
    const std::string* protocol = line.text("params.proto");
    if (name == "hello" && protocol != nullptr && *protocol == "EthereumStratum/2.0.0") {
        StratumMessage found = make_message(version_2, "hello", StratumSide::client);
        if (const std::string* agent = line.text("params.agent"))
            found.software = product_name(*agent);
        return found;
    }
    const std::string* version = line.text("params[1]");
    if (name == "subscribe" && version != nullptr && version->starts_with("EthereumStratum/")) {
        StratumMessage found =
            make_message(StratumDialect::ethereum_stratum_1, "subscribe", StratumSide::client);
        if (const std::string* agent = line.text("params[0]"))
            found.software = product_name(*agent);
        return found;
    }
    return std::nullopt;
}

} // namespace

std::optional<StratumMessage> recognise_ethereum(const JsonLine& line) {
    if (const std::string* method = line.text("method")) {
        if (method->starts_with("mining.")) return mining(line, method->substr(7));
        return eth_proxy(line, *method);
    }
    if (is_work(line)) return make_message(StratumDialect::eth_proxy, "work", StratumSide::server);
    const std::string* version = line.text("result[0][2]");
    const std::string* name = line.text("result[0][0]");
    if (version != nullptr && *version == "EthereumStratum/1.0.0" && name != nullptr &&
        *name == "mining.notify" && line.text("result[1]") != nullptr)
        return make_message(StratumDialect::ethereum_stratum_1, "notify", StratumSide::server);
    const std::string* protocol = line.text("result.proto");
    if (protocol != nullptr && *protocol == "EthereumStratum/2.0.0" &&
        line.text("result.encoding") != nullptr)
        return make_message(StratumDialect::ethereum_stratum_2, "hello", StratumSide::server);
    return std::nullopt;
}

} // namespace minewarden::rules
