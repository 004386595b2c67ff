// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/stratum.h"

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

StratumMessage message(std::string_view name, StratumSide sender) {
    return make_message(StratumDialect::browser, name, sender);
}

} // namespace

std::optional<StratumMessage> recognise_browser(const JsonLine& line) {
    const std::string* type = line.text("type");
    if (type == nullptr || !line.has("params", Kind::object)) return std::nullopt;
    const bool has_job = line.text("params.job_id") != nullptr;
    // A hashing blob has at least 70 bytes (stratum_monero.cpp).
    if (*type == "job" && has_job && is_hex_of(line.text("params.blob"), 140, 1024) &&
        is_hex_of(line.text("params.target"), 8, 16))
        return message("job", StratumSide::server);
    if (*type == "submit" && has_job && is_hex_of(line.text("params.nonce"), 8, 8) &&
        is_hex_of(line.text("params.result"), 64, 64))
        return message("submit", StratumSide::client);
    if (*type == "auth" && line.text("params.site_key") != nullptr &&
        line.text("params.type") != nullptr) {
        StratumMessage found = message("login", StratumSide::client);
        found.wallet = "other";
        return found;
    }
    if (*type == "authed" && line.text("params.token") != nullptr &&
        line.has("params.hashes", Kind::number))
        return message("login", StratumSide::server);
    return std::nullopt;
}

} // namespace minewarden::rules
