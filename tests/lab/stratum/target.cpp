// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/target.h"

#include "common/bytes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace minewarden::lab {
namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t read_little_endian(ByteView bytes) {
    std::uint64_t value = 0;
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) value = value << 8 | *byte;
    return value;
}

} // namespace

std::string monero_target_hex(std::uint32_t difficulty) {
    const std::uint32_t target = std::numeric_limits<std::uint32_t>::max() / difficulty;
    std::array<std::uint8_t, 4> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(target >> (8 * i));
    return to_hex(bytes);
}

std::optional<std::uint64_t> parse_monero_target(std::string_view hex) {
    if (hex.size() != 8 && hex.size() != 16) return std::nullopt;
    const auto bytes = from_hex(hex);
    if (!bytes) return std::nullopt;
    const std::uint64_t value = read_little_endian(as_bytes(*bytes));
    if (value == 0) return std::nullopt;
    if (hex.size() == 16) return value;
    return std::numeric_limits<std::uint64_t>::max() /
           (std::numeric_limits<std::uint32_t>::max() / value);
}

std::uint64_t monero_hash_value(const Hash& hash) {
    return read_little_endian(ByteView(hash).last(8));
}

BitcoinTarget bitcoin_target(double difficulty) {
    // difficulty = mantissa * 2^exponent, with a mantissa of 53 bits. So the target is
    // (0xffff << (208 - exponent)) / mantissa: a long division by one word.
    int exponent = 0;
    const double fraction = std::frexp(difficulty, &exponent);
    const auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
    const int shift = 208 - (exponent - 53);

    constexpr std::size_t words = 6; // 16 + 208 + 53 + 30 bits at the minimum difficulty
    std::array<std::uint64_t, words> number{};
    for (int bit = 0; bit < 16; ++bit) {
        const auto position = static_cast<std::size_t>(shift + bit);
        number[position / 64] |= std::uint64_t{1} << (position % 64);
    }
    Wide remainder = 0;
    for (std::size_t i = words; i-- > 0;) {
        const Wide dividend = remainder << 64 | number[i];
        number[i] = static_cast<std::uint64_t>(dividend / mantissa);
        remainder = dividend % mantissa;
    }
    BitcoinTarget target;
    for (std::size_t i = 0; i < target.size(); ++i)
        target[i] = static_cast<std::uint8_t>(number[i / 8] >> (8 * (i % 8)));
    return target;
}

bool meets_target(const Hash& hash, const BitcoinTarget& target) {
    return !std::lexicographical_compare(target.rbegin(), target.rend(), hash.rbegin(),
                                         hash.rend());
}

} // namespace minewarden::lab
