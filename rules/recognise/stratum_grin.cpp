// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/stratum.h"

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

// In hexadecimal digits. A header without its proof has a version, height, time, four hashes, an
// offset and a few sums (mimblewimble/grin, doc/stratum.md: 238 bytes); forks have more.
constexpr std::size_t minimum_header_digits = 400;
// A Cuckoo cycle's edges (the same, core/src/pow/types.rs).
constexpr std::size_t cycle_edges = 42;

bool is_job(const JsonLine& line, const std::string& at) {
    return line.has(at + ".difficulty", Kind::number) && line.has(at + ".height", Kind::number) &&
           line.has(at + ".job_id", Kind::number) &&
           is_hex_of(line.text(at + ".pre_pow"), minimum_header_digits, JsonLine::maximum_bytes);
}

StratumMessage message(std::string_view name, StratumSide sender) {
    return make_message(StratumDialect::grin, name, sender);
}

} // namespace

std::optional<StratumMessage> recognise_grin(const JsonLine& line) {
    const std::string* method = line.text("method");
    if (method == nullptr) return std::nullopt;
    if (*method == "job" && is_job(line, "params")) return message("job", StratumSide::server);
    if (*method == "getjobtemplate") {
        if (is_job(line, "result")) return message("job", StratumSide::server);
        // An answer repeats the method; only the request has the member params.
        if (line.text("jsonrpc") != nullptr && line.has("params", Kind::null))
            return message("get_work", StratumSide::client);
    }
    if (*method == "submit" && line.has("params.height", Kind::number) &&
        line.has("params.job_id", Kind::number) && line.has("params.nonce", Kind::number)) {
        const JsonLine::Member* proof = line.find("params.pow");
        if (proof != nullptr && proof->kind == Kind::array && proof->size == cycle_edges)
            return message("submit", StratumSide::client);
    }
    return std::nullopt;
}

} // namespace minewarden::rules
