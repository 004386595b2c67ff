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

/// The decoded params of mining.notify. Byte strings correspond to the hex on the wire.
struct BitcoinJob {
    std::string job_id;
    Hash previous{}; ///< in wire order: the bytes of each 4-byte word are swapped
    std::string coinbase1;
    std::string coinbase2;
    std::vector<Hash> branches;
    std::uint32_t version = 0;
    std::uint32_t bits = 0;
    std::uint32_t time = 0;
    bool clean = false;
};

/// A job, with the values of the subscription and mining.set_difficulty that a miner needs.
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

/// The block header to hash for a share. Computes coinbase and Merkle root.
[[nodiscard]] BitcoinHeader header_of(const BitcoinJob& job, const std::string& extranonce1,
                                      const BitcoinShare& share, std::uint32_t version);

[[nodiscard]] std::string hex32(std::uint32_t value); ///< 8 digits, most significant first
[[nodiscard]] std::optional<std::uint32_t> parse_hex32(const std::optional<std::string>& hex);

[[nodiscard]] Json to_json(const BitcoinJob& job);
/// Errors have kind data.
Result<BitcoinJob> parse_bitcoin_job(const Json& params);
/// Parses the params of mining.submit. The extranonce2 must have `extranonce2_size` bytes.
Result<BitcoinShare> parse_bitcoin_share(const Json& params, std::size_t extranonce2_size);

} // namespace minewarden::lab
