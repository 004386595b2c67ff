// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

#include <algorithm>
#include <array>

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

// Lengths in hexadecimal digits. A hashing blob has a 32-byte block id, a 4-byte nonce, a 32-byte
// tree root and a few variable-length numbers: 76 bytes or more (Monero: src/cryptonote_basic).
constexpr std::size_t minimum_blob_digits = std::size_t{2} * 70;
constexpr std::size_t maximum_blob_digits = std::size_t{2} * 512;
constexpr std::size_t short_target_digits = 8;
constexpr std::size_t long_target_digits = 16;
constexpr std::size_t nonce_digits = 8;
constexpr std::size_t hash_digits = 64;

/// Prefixes of the algorithm names that pools and miners list: "rx/0", "cn/r", "cn-lite/1".
constexpr std::array<std::string_view, 12> algorithm_families{
    "rx", "cn",       "cn-lite", "cn-heavy",   "cn-pico",  "argon2",
    "gr", "astrobwt", "kawpow",  "ghostrider", "panthera", "yespower"};

/// True for params.algo[N], false for paths below it.
bool is_listed_algorithm(std::string_view path) {
    constexpr std::string_view head = "params.algo[";
    return path.starts_with(head) && path.find(']') == path.size() - 1;
}

int count_algorithms(const JsonLine& line) {
    int count = 0;
    for (const JsonLine::Member& member : line.members()) {
        if (member.kind != Kind::text || !is_listed_algorithm(member.path)) continue;
        const std::string_view family =
            std::string_view(member.text).substr(0, member.text.find('/'));
        if (std::ranges::find(algorithm_families, family) != algorithm_families.end()) ++count;
    }
    return count;
}

bool is_job(const JsonLine& line, const std::string& at) {
    const std::string* blob = line.text(at + ".blob");
    const std::string* job_id = line.text(at + ".job_id");
    const std::string* target = line.text(at + ".target");
    if (blob == nullptr || job_id == nullptr || target == nullptr) return false;
    return blob->size() >= minimum_blob_digits && blob->size() <= maximum_blob_digits &&
           blob->size() % 2 == 0 && is_hex(*blob) && !job_id->empty() &&
           (target->size() == short_target_digits || target->size() == long_target_digits) &&
           is_hex(*target);
}

MiningMessage message(std::string_view name, MiningSide sender) {
    return make_message(MiningProtocol::monero, name, sender);
}

} // namespace

std::optional<MiningMessage> recognise_monero(const JsonLine& line) {
    const std::string* method = line.text("method");
    if (method == nullptr) {
        // The reply to a login carries the first job.
        if (line.has("result", Kind::object) && line.text("result.id") != nullptr &&
            is_job(line, "result.job"))
            return message("job", MiningSide::server);
        return std::nullopt;
    }
    if (!line.has("params", Kind::object)) return std::nullopt;
    if (*method == "job" && is_job(line, "params")) return message("job", MiningSide::server);
    if (*method == "keepalived" && line.text("params.id") != nullptr && line.find("id") != nullptr)
        return message("keepalive", MiningSide::client);
    if (*method == "submit") {
        const std::string* nonce = line.text("params.nonce");
        const std::string* result = line.text("params.result");
        if (line.text("params.id") == nullptr || line.text("params.job_id") == nullptr || !nonce ||
            !result || nonce->size() != nonce_digits || result->size() != hash_digits ||
            !is_hex(*nonce) || !is_hex(*result))
            return std::nullopt;
        return message("submit", MiningSide::client);
    }
    const std::string* login = line.text("params.login");
    if (*method == "login" && login != nullptr && line.text("params.pass") != nullptr) {
        MiningMessage found = message("login", MiningSide::client);
        found.wallet = wallet_form(*login);
        found.algorithms = count_algorithms(line);
        if (const std::string* agent = line.text("params.agent"))
            found.software = product_name(*agent);
        return found;
    }
    return std::nullopt;
}

} // namespace minewarden::rules
