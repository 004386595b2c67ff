// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "tests/lab/stratum/target.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minewarden::lab {
namespace {

/// Hexadecimal, most significant byte first.
std::string hex_of(const BitcoinTarget& target) {
    BitcoinTarget reversed;
    std::ranges::reverse_copy(target, reversed.begin());
    return to_hex(reversed);
}

TEST(MoneroTarget, IsLittleEndianHex) {
    EXPECT_EQ(monero_target_hex(1), "ffffffff");
    EXPECT_EQ(monero_target_hex(2), "ffffff7f");
    EXPECT_EQ(monero_target_hex(5000), "711b0d00"); // value of nodejs-pool
    EXPECT_EQ(monero_target_hex(UINT32_MAX), "01000000");
}

TEST(MoneroTarget, ExpandsAsXmrigDoes) {
    EXPECT_EQ(parse_monero_target("ffffffff"), UINT64_MAX);
    EXPECT_EQ(parse_monero_target("711b0d00"), UINT64_MAX / (UINT32_MAX / 0x000d1b71U));
    EXPECT_EQ(parse_monero_target("01000000"), UINT64_MAX / UINT32_MAX);
    EXPECT_EQ(parse_monero_target("0100000000000000"), 1U);
    EXPECT_EQ(parse_monero_target("00000000000000ff"), 0xff00000000000000U);
}

TEST(MoneroTarget, RefusesOtherForms) {
    for (const char* hex : {"", "00000000", "0000000000000000", "fff", "fffffff", "ffffffffff",
                            "gggggggg", "ffffffffffffffffff"})
        EXPECT_EQ(parse_monero_target(hex), std::nullopt) << hex;
}

TEST(MoneroTarget, ComparesTheLastEightBytes) {
    Hash hash{};
    hash.fill(0xff);
    std::fill(hash.begin() + 24, hash.end(), std::uint8_t{0});
    hash[24] = 0x10;
    EXPECT_EQ(monero_hash_value(hash), 0x10U);
    EXPECT_TRUE(meets_target(hash, std::uint64_t{0x11}));
    EXPECT_FALSE(meets_target(hash, std::uint64_t{0x10}));
}

TEST(BitcoinTarget, IsExactForKnownDifficulties) {
    EXPECT_EQ(hex_of(bitcoin_target(1)),
              "00000000ffff0000000000000000000000000000000000000000000000000000");
    EXPECT_EQ(hex_of(bitcoin_target(2)),
              "000000007fff8000000000000000000000000000000000000000000000000000");
    EXPECT_EQ(hex_of(bitcoin_target(1.0 / 65536)),
              "0000ffff00000000000000000000000000000000000000000000000000000000");
    // 0xffff * 2^208 / 3
    EXPECT_EQ(hex_of(bitcoin_target(3)),
              "0000000055550000000000000000000000000000000000000000000000000000");
    // Block 100,800's difficulty 16307.420938523983, bits 0x1b0404cb: equal in the leading digits.
    EXPECT_EQ(hex_of(bitcoin_target(16307.420938523983)).substr(0, 14), "00000000000404");
}

TEST(BitcoinTarget, FallsAsDifficultyRises) {
    BitcoinTarget last = bitcoin_target(minimum_bitcoin_difficulty);
    EXPECT_NE(last[31], 0);
    for (double difficulty = 1e-8; difficulty <= maximum_bitcoin_difficulty; difficulty *= 10) {
        const BitcoinTarget target = bitcoin_target(difficulty);
        EXPECT_LT(hex_of(target), hex_of(last)) << difficulty;
        last = target;
    }
    EXPECT_NE(hex_of(last), std::string(64, '0'));
}

TEST(BitcoinTarget, ComparesAllBytesFromTheTop) {
    const BitcoinTarget target = bitcoin_target(1);
    Hash hash = target;
    EXPECT_TRUE(meets_target(hash, target)); // equal meets the target
    hash[0] = 1;
    EXPECT_FALSE(meets_target(hash, target));
    hash = target;
    hash[27] = 0xfe;
    hash[0] = 0xff;
    EXPECT_TRUE(meets_target(hash, target));
}

} // namespace
} // namespace minewarden::lab
