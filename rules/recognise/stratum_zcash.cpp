// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

MiningMessage message(std::string_view name, MiningSide sender) {
    return make_message(MiningProtocol::zcash, name, sender);
}

/// job id, version, previous hash, tree root, reserved, time, bits, clean
bool is_notify(const JsonLine& line) {
    const JsonLine::Member* params = line.find("params");
    if (params == nullptr || params->size < 8 || line.text("params[0]") == nullptr ||
        !line.has("params[7]", Kind::boolean))
        return false;
    struct Part {
        std::string_view path;
        std::size_t digits;
    };
    constexpr std::array<Part, 6> parts{{{"params[1]", 8},
                                         {"params[2]", 64},
                                         {"params[3]", 64},
                                         {"params[4]", 64},
                                         {"params[5]", 8},
                                         {"params[6]", 8}}};
    return std::ranges::all_of(parts, [&](const Part& part) {
        return is_hex_of(line.text(part.path), part.digits, part.digits);
    });
}

/// worker, job id, time, nonce 2, solution. A solution is a length and 100 bytes (Equihash 144,5)
/// to 1344 bytes (200,9).
bool is_submit(const JsonLine& line) {
    return line.text("params[0]") != nullptr && line.text("params[1]") != nullptr &&
           is_hex_of(line.text("params[2]"), 8, 8) && is_hex_of(line.text("params[3]"), 2, 64) &&
           is_hex_of(line.text("params[4]"), 200, 2700);
}

/// user agent, session id or null, host, port
bool is_subscribe(const JsonLine& line) {
    const JsonLine::Member* params = line.find("params");
    return params != nullptr && params->size == 4 && line.text("params[0]") != nullptr &&
           (line.has("params[1]", Kind::null) || line.has("params[1]", Kind::text)) &&
           line.text("params[2]") != nullptr &&
           (line.has("params[3]", Kind::number) || line.has("params[3]", Kind::text));
}

} // namespace

std::optional<MiningMessage> recognise_zcash(const JsonLine& line) {
    const std::string* method = line.text("method");
    if (method == nullptr || !line.has("params", Kind::array)) return std::nullopt;
    if (*method == "mining.notify" && is_notify(line)) return message("notify", MiningSide::server);
    if (*method == "mining.set_target" && is_hex_of(line.text("params[0]"), 64, 64))
        return message("set_target", MiningSide::server);
    if (line.find("id") == nullptr) return std::nullopt;
    if (*method == "mining.submit" && is_submit(line)) return message("submit", MiningSide::client);
    if (*method == "mining.subscribe" && is_subscribe(line)) {
        MiningMessage found = message("subscribe", MiningSide::client);
        found.software = product_name(*line.text("params[0]"));
        return found;
    }
    return std::nullopt;
}

} // namespace minewarden::rules
