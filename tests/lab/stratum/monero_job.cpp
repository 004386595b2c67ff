// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/monero_job.h"

#include "common/bytes.h"
#include "tests/lab/stratum/message.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

namespace minewarden::lab {
namespace {

Failure<Error> bad_member(std::string_view name) {
    return fail(ErrorKind::data, fmt::format("\"{}\" is missing or malformed", name));
}

template <std::size_t Size>
bool read_hex(const std::optional<std::string>& hex, std::array<std::uint8_t, Size>& bytes) {
    if (!hex || hex->size() != Size * 2) return false;
    const auto decoded = from_hex(*hex);
    if (!decoded) return false;
    std::ranges::copy(as_bytes(*decoded), bytes.begin());
    return true;
}

} // namespace

std::vector<std::uint8_t> blob_with_nonce(const MoneroJob& job,
                                          const std::array<std::uint8_t, 4>& nonce) {
    auto blob = job.blob;
    std::ranges::copy(nonce, blob.begin() + MoneroJob::nonce_offset);
    return blob;
}

Json to_json(const MoneroJob& job) {
    Json json;
    json["blob"] = to_hex(job.blob);
    json["job_id"] = job.job_id;
    json["target"] = job.target_hex;
    json["height"] = job.height;
    json["seed_hash"] = to_hex(job.seed_hash);
    json["algo"] = job.algorithm;
    return json;
}

Result<MoneroJob> parse_monero_job(const Json& json) {
    MoneroJob job;
    const auto job_id = string_at(json, "job_id", 64);
    if (!job_id || job_id->empty()) return bad_member("job_id");
    job.job_id = *job_id;

    const auto blob_hex = string_at(json, "blob", MoneroJob::maximum_blob * 2);
    const auto blob = blob_hex ? from_hex(*blob_hex) : std::nullopt;
    if (!blob || blob->size() < MoneroJob::nonce_offset + 4) return bad_member("blob");
    job.blob.assign(blob->begin(), blob->end());

    const auto target_hex = string_at(json, "target", 16);
    const auto target = target_hex ? parse_monero_target(*target_hex) : std::nullopt;
    if (!target) return bad_member("target");
    job.target = *target;
    job.target_hex = *target_hex;

    if (!read_hex(string_at(json, "seed_hash", 64), job.seed_hash)) return bad_member("seed_hash");
    if (const auto height = json.find("height"); height != json.end()) {
        if (!height->is_number_unsigned()) return bad_member("height");
        job.height = height->get<std::uint64_t>();
    }
    job.algorithm = string_at(json, "algo", 32).value_or("rx/0");
    return job;
}

Result<MoneroShare> parse_monero_share(const Json& params) {
    MoneroShare share;
    const auto job_id = string_at(params, "job_id", 64);
    if (!job_id) return bad_member("job_id");
    share.job_id = *job_id;
    if (!read_hex(string_at(params, "nonce", 8), share.nonce)) return bad_member("nonce");
    if (!read_hex(string_at(params, "result", 64), share.result)) return bad_member("result");
    return share;
}

} // namespace minewarden::lab
