// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/run/event_log.h"
#include "tests/lab/stratum/target.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace minewarden::lab {

/// The params of mining.notify, decoded. Byte strings are as the hex on the wire.
struct BitcoinJob {
    std::string job_id;
    Hash previous{}; ///< in the wire's order: every word of 4 bytes is swapped
    std::string coinbase1;
    std::string coinbase2;
    std::vector<Hash> branches;
    std::uint32_t version = 0;
    std::uint32_t bits = 0;
    std::uint32_t time = 0;
    bool clean = false;
};

/// A job with what else a miner needs, from the subscription and mining.set_difficulty.
struct BitcoinWork {
    BitcoinJob job;
    std::string extranonce1; ///< bytes
    std::size_t extranonce2_size = 4;
    BitcoinTarget target{};
};

struct BitcoinShare {
    std::string job_id;
    std::string extranonce2; ///< bytes
    std::uint32_t time = 0;
    std::uint32_t nonce = 0;
    std::optional<std::uint32_t> version_bits; ///< BIP 310
};

using BitcoinHeader = std::array<std::uint8_t, 80>;

[[nodiscard]] Hash sha256d(const std::uint8_t* data, std::size_t size);

/// The block header to hash for a share: coinbase, Merkle root, fields in header order.
[[nodiscard]] BitcoinHeader header_of(const BitcoinJob& job, const std::string& extranonce1,
                                      const BitcoinShare& share, std::uint32_t version);

[[nodiscard]] std::string hex32(std::uint32_t value); ///< 8 digits, most significant first
[[nodiscard]] std::optional<std::uint32_t> parse_hex32(const std::optional<std::string>& hex);

[[nodiscard]] Json to_json(const BitcoinJob& job);
/// Errors are of kind data.
Result<BitcoinJob> parse_bitcoin_job(const Json& params);
/// From the params of mining.submit. The extranonce2 must have `extranonce2_size` bytes.
Result<BitcoinShare> parse_bitcoin_share(const Json& params, std::size_t extranonce2_size);

} // namespace minewarden::lab
