// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

MiningMessage message(std::string_view name, MiningSide sender) {
    return make_message(MiningProtocol::bitcoin, name, sender);
}

bool is_text(const JsonLine& line, std::string_view path) {
    return line.has(path, Kind::text);
}

/// [job id, previous hash, coinbase 1, coinbase 2, [branches], version, bits, time, clean]
bool is_notify(const JsonLine& line) {
    const JsonLine::Member* params = line.find("params");
    if (params == nullptr || params->size < 8 || !is_text(line, "params[0]")) return false;
    const std::string* previous = line.text("params[1]");
    if (previous == nullptr || previous->size() != 64 || !is_hex(*previous)) return false;
    if (!line.has("params[4]", Kind::array)) return false;
    constexpr std::array<std::string_view, 2> words{"params[5]", "params[6]"};
    return std::ranges::all_of(words, [&](std::string_view path) {
        const std::string* word = line.text(path);
        return word != nullptr && word->size() == 8 && is_hex(*word);
    });
}

/// user, job id, extranonce 2, time, nonce [, version bits]
bool is_submit(const JsonLine& line) {
    const std::string* time = line.text("params[3]");
    const std::string* nonce = line.text("params[4]");
    return is_text(line, "params[0]") && is_text(line, "params[1]") && is_text(line, "params[2]") &&
           time != nullptr && nonce != nullptr && is_hex(*time) && is_hex(*nonce) &&
           time->size() == 8 && nonce->size() >= 8;
}

/// The reply to mining.subscribe: [[[method, id], ...], extranonce 1, size of extranonce 2].
bool is_subscribed(const JsonLine& line) {
    const JsonLine::Member* result = line.find("result");
    if (result == nullptr || result->kind != Kind::array || result->size != 3) return false;
    const std::string* extranonce = line.text("result[1]");
    if (extranonce == nullptr || !is_hex(*extranonce) || !line.has("result[2]", Kind::number))
        return false;
    const std::string* nested = line.text("result[0][0][0]");
    const std::string* flat = line.text("result[0][0]");
    const auto is_subscription = [](const std::string* name) {
        return name != nullptr && (*name == "mining.notify" || *name == "mining.set_difficulty");
    };
    return is_subscription(nested) || is_subscription(flat);
}

} // namespace

std::optional<MiningMessage> recognise_bitcoin(const JsonLine& line) {
    const std::string* method = line.text("method");
    if (method == nullptr) {
        if (is_subscribed(line)) return message("notify", MiningSide::server);
        return std::nullopt;
    }
    if (!method->starts_with("mining.") || !line.has("params", Kind::array)) return std::nullopt;
    const std::string_view name = std::string_view(*method).substr(7);
    const bool has_id = line.find("id") != nullptr;
    if (name == "notify" && is_notify(line)) return message("notify", MiningSide::server);
    if (name == "set_difficulty" && line.has("params[0]", Kind::number))
        return message("set_difficulty", MiningSide::server);
    if (name == "set_extranonce" && is_text(line, "params[0]"))
        return message("extranonce", MiningSide::server);
    if (!has_id) return std::nullopt; // the rest are requests
    if (name == "subscribe") {
        MiningMessage found = message("subscribe", MiningSide::client);
        if (const std::string* software = line.text("params[0]"))
            found.software = product_name(*software);
        return found;
    }
    if (name == "authorize" && is_text(line, "params[0]")) {
        MiningMessage found = message("authorize", MiningSide::client);
        found.wallet = wallet_form(*line.text("params[0]"));
        return found;
    }
    if (name == "configure" && line.has("params[0]", Kind::array))
        return message("configure", MiningSide::client);
    if (name == "extranonce.subscribe") return message("extranonce", MiningSide::client);
    if (name == "submit" && is_submit(line)) return message("submit", MiningSide::client);
    return std::nullopt;
}

} // namespace minewarden::rules
