// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

// In hexadecimal digits: the input of a block is a hash, a BeamHash nonce has 8 bytes and a
// solution 104 or more (beam, mw/pow).
constexpr std::size_t input_digits = 64;
constexpr std::size_t nonce_digits = 16;
constexpr std::size_t minimum_solution_digits = 208;

MiningMessage message(std::string_view name, MiningSide sender) {
    return make_message(MiningProtocol::beam, name, sender);
}

} // namespace

std::optional<MiningMessage> recognise_beam(const JsonLine& line) {
    const std::string* method = line.text("method");
    if (method == nullptr || line.text("id") == nullptr || line.find("params") != nullptr)
        return std::nullopt;
    if (*method == "login" && line.text("api_key") != nullptr)
        return message("login", MiningSide::client);
    if (*method == "job" && is_hex_of(line.text("input"), input_digits, input_digits) &&
        line.has("difficulty", Kind::number) && line.has("height", Kind::number))
        return message("job", MiningSide::server);
    if (*method == "solution" && is_hex_of(line.text("nonce"), nonce_digits, nonce_digits) &&
        is_hex_of(line.text("output"), minimum_solution_digits, JsonLine::maximum_bytes))
        return message("submit", MiningSide::client);
    return std::nullopt;
}

} // namespace minewarden::rules
