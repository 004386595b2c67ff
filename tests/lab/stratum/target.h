// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::lab {

using Hash = std::array<std::uint8_t, 32>;

// Monero pools send a target of 4 bytes (little-endian hex) that stands for the upper bits of one
// of 8 bytes; it is compared with the last 8 bytes of the hash.

/// The 8 hex digits that a pool sends. REQUIRES: difficulty > 0
[[nodiscard]] std::string monero_target_hex(std::uint32_t difficulty);

/// Expands 8 hex digits as xmrig does, or takes 16 as they are; nullopt for anything else or zero.
[[nodiscard]] std::optional<std::uint64_t> parse_monero_target(std::string_view hex);

[[nodiscard]] std::uint64_t monero_hash_value(const Hash& hash);
[[nodiscard]] inline bool meets_target(const Hash& hash, std::uint64_t target) {
    return monero_hash_value(hash) < target;
}

/// A number of 256 bits, little-endian like the hash it is compared with.
using BitcoinTarget = std::array<std::uint8_t, 32>;

inline constexpr double minimum_bitcoin_difficulty = 1e-9;
inline constexpr double maximum_bitcoin_difficulty = 1e15;

/// floor(0xffff * 2^208 / difficulty), exact for the difficulty as the double it is. REQUIRES:
/// minimum_bitcoin_difficulty <= difficulty <= maximum_bitcoin_difficulty
[[nodiscard]] BitcoinTarget bitcoin_target(double difficulty);

/// hash <= target
[[nodiscard]] bool meets_target(const Hash& hash, const BitcoinTarget& target);

} // namespace minewarden::lab
