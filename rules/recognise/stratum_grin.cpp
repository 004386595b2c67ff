// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

#include <algorithm>
#include <array>
#include <span>

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

// In hexadecimal digits. A header without its proof has 238 bytes in Grin (version, height, time,
// five hashes, an offset, two sizes, difficulty, scaling; doc/stratum.md). Pools of other coins
// send 80.
constexpr std::size_t minimum_header_digits = 140;
// Edges of a cycle: 42 in Grin; other lengths in coins that copied its protocol.
constexpr std::array<std::size_t, 4> cycle_edges{32, 40, 42, 48};
// Number of values in the other proofs of work of Epic Cash.
constexpr std::size_t epic_values = 32;

bool has_list_of(const JsonLine& line, std::string_view path, std::span<const std::size_t> sizes) {
    const JsonLine::Member* list = line.find(path);
    return list != nullptr && list->kind == Kind::array &&
           std::ranges::find(sizes, list->size) != sizes.end();
}

/// Epic Cash has three algorithms: its difficulty is a list, and its proof names the algorithm.
bool has_proof(const JsonLine& line) {
    const std::array values{epic_values};
    return has_list_of(line, "params.pow", cycle_edges) ||
           has_list_of(line, "params.pow.Cuckoo[1]", cycle_edges) ||
           has_list_of(line, "params.pow.RandomX", values) ||
           has_list_of(line, "params.pow.ProgPow", values);
}

bool is_number_or(Kind other, const JsonLine& line, const std::string& path) {
    return line.has(path, Kind::number) || line.has(path, other);
}

bool is_job(const JsonLine& line, const std::string& at) {
    return line.has(at + ".height", Kind::number) &&
           is_number_or(Kind::array, line, at + ".difficulty") &&
           is_number_or(Kind::text, line, at + ".job_id") &&
           is_hex_of(line.text(at + ".pre_pow"), minimum_header_digits, JsonLine::maximum_bytes);
}

/// Answers repeat the method, so a request is a message without a result and without parameters.
bool is_request_for_job(const JsonLine& line) {
    if (line.text("jsonrpc") == nullptr || line.find("result") != nullptr ||
        line.find("error") != nullptr)
        return false;
    const JsonLine::Member* parameters = line.find("params");
    if (parameters == nullptr || parameters->kind == Kind::null) return true;
    const bool is_list = parameters->kind == Kind::array || parameters->kind == Kind::object;
    if (is_list && parameters->size == 0) return true;
    const std::string* algorithm = line.text("params.algorithm");
    return algorithm != nullptr &&
           (*algorithm == "cuckoo" || *algorithm == "randomx" || *algorithm == "progpow");
}

MiningMessage message(std::string_view name, MiningSide sender) {
    return make_message(MiningProtocol::grin, name, sender);
}

} // namespace

std::optional<MiningMessage> recognise_grin(const JsonLine& line) {
    const std::string* method = line.text("method");
    if (method == nullptr) return std::nullopt;
    if (*method == "job" && is_job(line, "params")) return message("job", MiningSide::server);
    if (*method == "getjobtemplate") {
        if (is_job(line, "result")) return message("job", MiningSide::server);
        if (is_request_for_job(line)) return message("get_work", MiningSide::client);
    }
    if (*method == "submit" && line.has("params.height", Kind::number) &&
        is_number_or(Kind::text, line, "params.job_id") && line.has("params.nonce", Kind::number) &&
        has_proof(line))
        return message("submit", MiningSide::client);
    return std::nullopt;
}

} // namespace minewarden::rules
