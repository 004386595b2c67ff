// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/bitcoin_job.h"

#include "common/bytes.h"
#include "tests/lab/stratum/message.h"

#include <fmt/core.h>

#include <algorithm>
#include <sodium.h>

namespace minewarden::lab {
namespace {

constexpr std::size_t maximum_coinbase = 4096;
constexpr std::size_t maximum_branches = 32;

Failure<Error> bad(std::string_view what) {
    return fail(ErrorKind::data, fmt::format("the {} is missing or malformed", what));
}

/// Header fields are little-endian.
void put(BitcoinHeader& header, std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
        header[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::optional<Hash> parse_hash(const std::optional<std::string>& hex) {
    if (!hex || hex->size() != 64) return std::nullopt;
    const auto bytes = from_hex(*hex);
    if (!bytes) return std::nullopt;
    Hash hash;
    std::ranges::copy(as_bytes(*bytes), hash.begin());
    return hash;
}

} // namespace

Hash sha256d(const std::uint8_t* data, std::size_t size) {
    Hash once;
    Hash twice;
    crypto_hash_sha256(once.data(), data, size);
    crypto_hash_sha256(twice.data(), once.data(), once.size());
    return twice;
}

BitcoinHeader header_of(const BitcoinJob& job, const std::string& extranonce1,
                        const BitcoinShare& share, std::uint32_t version) {
    const std::string coinbase = job.coinbase1 + extranonce1 + share.extranonce2 + job.coinbase2;
    Hash root = sha256d(as_bytes(coinbase).data(), coinbase.size());
    for (const Hash& branch : job.branches) {
        std::array<std::uint8_t, 64> pair;
        std::ranges::copy(root, pair.begin());
        std::ranges::copy(branch, pair.begin() + 32);
        root = sha256d(pair.data(), pair.size());
    }
    BitcoinHeader header;
    put(header, 0, version);
    for (std::size_t i = 0; i < 32; ++i) header[4 + i] = job.previous[i / 4 * 4 + 3 - i % 4];
    std::ranges::copy(root, header.begin() + 36);
    put(header, 68, share.time);
    put(header, 72, job.bits);
    put(header, 76, share.nonce);
    return header;
}

std::string hex32(std::uint32_t value) {
    return fmt::format("{:08x}", value);
}

std::optional<std::uint32_t> parse_hex32(const std::optional<std::string>& hex) {
    if (!hex || hex->size() != 8) return std::nullopt;
    const auto bytes = from_hex(*hex);
    if (!bytes) return std::nullopt;
    std::uint32_t value = 0;
    for (const std::uint8_t byte : as_bytes(*bytes)) value = value << 8 | byte;
    return value;
}

Json to_json(const BitcoinJob& job) {
    Json branches = Json::array();
    for (const Hash& branch : job.branches) branches.push_back(to_hex(branch));
    return Json::array({job.job_id, to_hex(job.previous), to_hex(as_bytes(job.coinbase1)),
                        to_hex(as_bytes(job.coinbase2)), branches, hex32(job.version),
                        hex32(job.bits), hex32(job.time), job.clean});
}

Result<BitcoinJob> parse_bitcoin_job(const Json& params) {
    BitcoinJob job;
    const auto job_id = string_at(params, 0, 64);
    const auto previous = parse_hash(string_at(params, 1, 64));
    if (!job_id || !previous) return bad("job id or previous hash");
    job.job_id = *job_id;
    job.previous = *previous;

    const auto first_hex = string_at(params, 2, maximum_coinbase * 2);
    const auto second_hex = string_at(params, 3, maximum_coinbase * 2);
    const auto first = first_hex ? from_hex(*first_hex) : std::nullopt;
    const auto second = second_hex ? from_hex(*second_hex) : std::nullopt;
    if (!first || !second) return bad("coinbase");
    job.coinbase1 = *first;
    job.coinbase2 = *second;

    if (params.size() < 9 || !params[4].is_array() || params[4].size() > maximum_branches)
        return bad("Merkle branch");
    for (std::size_t i = 0; i < params[4].size(); ++i) {
        const auto branch = parse_hash(string_at(params[4], i, 64));
        if (!branch) return bad("Merkle branch");
        job.branches.push_back(*branch);
    }
    const auto version = parse_hex32(string_at(params, 5, 8));
    const auto bits = parse_hex32(string_at(params, 6, 8));
    const auto time = parse_hex32(string_at(params, 7, 8));
    if (!version || !bits || !time || !params[8].is_boolean()) return bad("version, bits or time");
    job.version = *version;
    job.bits = *bits;
    job.time = *time;
    job.clean = params[8].get<bool>();
    return job;
}

Result<BitcoinShare> parse_bitcoin_share(const Json& params, std::size_t extranonce2_size) {
    BitcoinShare share;
    const auto job_id = string_at(params, 1, 64);
    const auto extranonce2_hex = string_at(params, 2, extranonce2_size * 2);
    const auto extranonce2 = extranonce2_hex ? from_hex(*extranonce2_hex) : std::nullopt;
    const auto time = parse_hex32(string_at(params, 3, 8));
    const auto nonce = parse_hex32(string_at(params, 4, 8));
    if (!job_id) return bad("job id");
    if (!extranonce2 || extranonce2->size() != extranonce2_size) return bad("extranonce2");
    if (!time || !nonce) return bad("time or nonce");
    share.job_id = *job_id;
    share.extranonce2 = *extranonce2;
    share.time = *time;
    share.nonce = *nonce;
    if (params.size() > 5) {
        share.version_bits = parse_hex32(string_at(params, 5, 8));
        if (!share.version_bits) return bad("version bits");
    }
    return share;
}

} // namespace minewarden::lab
