// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minewarden::lab {

using Hash = std::array<std::uint8_t, 32>;

// Monero pools send a target of 4 bytes in little-endian hex: the upper half of an 8-byte target,
// which is compared with the last 8 bytes of the hash.

/// The 8 hex digits that a pool sends. REQUIRES: difficulty > 0
[[nodiscard]] std::string monero_target_hex(std::uint32_t difficulty);

/// Expands 8 hex digits as xmrig does, or reads 16 hex digits. nullopt for other input, or zero.
[[nodiscard]] std::optional<std::uint64_t> parse_monero_target(std::string_view hex);

[[nodiscard]] std::uint64_t monero_hash_value(const Hash& hash);
[[nodiscard]] inline bool meets_target(const Hash& hash, std::uint64_t target) {
    return monero_hash_value(hash) < target;
}

/// A 256-bit number, little-endian like the hash.
using BitcoinTarget = std::array<std::uint8_t, 32>;

inline constexpr double minimum_bitcoin_difficulty = 1e-9;
inline constexpr double maximum_bitcoin_difficulty = 1e15;

/// floor(0xffff * 2^208 / difficulty), computed exactly.
/// REQUIRES: minimum_bitcoin_difficulty <= difficulty <= maximum_bitcoin_difficulty
[[nodiscard]] BitcoinTarget bitcoin_target(double difficulty);

/// hash <= target
[[nodiscard]] bool meets_target(const Hash& hash, const BitcoinTarget& target);

} // namespace minewarden::lab
