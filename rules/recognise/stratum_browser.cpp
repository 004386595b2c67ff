// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

MiningMessage message(std::string_view name, MiningSide sender) {
    return make_message(MiningProtocol::browser, name, sender);
}

// In hexadecimal digits, as between relays and pools (stratum_monero.cpp).
constexpr std::size_t minimum_blob_digits = 140;
constexpr std::size_t maximum_blob_digits = 1024;

/// A job whose fields have the path prefix `at`.
bool is_job(const JsonLine& line, const std::string& at) {
    return line.text(at + "job_id") != nullptr &&
           is_hex_of(line.text(at + "blob"), minimum_blob_digits, maximum_blob_digits) &&
           is_hex_of(line.text(at + "target"), 8, 16);
}
bool is_result(const JsonLine& line, const std::string& at) {
    return line.text(at + "job_id") != nullptr && is_hex_of(line.text(at + "nonce"), 8, 8) &&
           is_hex_of(line.text(at + "result"), 64, 64);
}

MiningMessage login(std::string_view wallet) {
    MiningMessage found = message("login", MiningSide::client);
    found.wallet = wallet;
    return found;
}

std::optional<MiningMessage> recognise_coinhive(const JsonLine& line) {
    const std::string* type = line.text("type");
    if (type == nullptr || !line.has("params", Kind::object)) return std::nullopt;
    if (*type == "job" && is_job(line, "params.")) return message("job", MiningSide::server);
    if (*type == "submit" && is_result(line, "params."))
        return message("submit", MiningSide::client);
    if (*type == "auth" && line.text("params.site_key") != nullptr &&
        line.text("params.type") != nullptr)
        return login("other");
    if (*type == "authed" && line.text("params.token") != nullptr &&
        line.has("params.hashes", Kind::number))
        return message("login", MiningSide::server);
    return std::nullopt;
}

std::optional<MiningMessage> recognise_webminerpool(const JsonLine& line) {
    const std::string* identifier = line.text("identifier");
    if (identifier == nullptr) return std::nullopt;
    if (*identifier == "job" && is_job(line, "")) return message("job", MiningSide::server);
    if (*identifier == "solved" && is_result(line, ""))
        return message("submit", MiningSide::client);
    if (*identifier != "handshake") return std::nullopt;
    // Other services have pools and logins too: require the whole form or a wallet.
    const std::string* name = line.text("login");
    const std::string_view wallet = name == nullptr ? "none" : wallet_form(*name);
    const bool has_name = name != nullptr || line.text("loginid") != nullptr;
    if (wallet == "monero" ||
        (has_name && line.text("userid") != nullptr && line.has("version", Kind::number)))
        return login(wallet);
    return std::nullopt;
}

} // namespace

std::optional<MiningMessage> recognise_browser(const JsonLine& line) {
    auto found = recognise_coinhive(line);
    return found ? found : recognise_webminerpool(line);
}

} // namespace minewarden::rules
