// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "tests/lab/stratum/bitcoin_job.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minewarden::lab {
namespace {

/// The coinbase transaction of Bitcoin's first block.
constexpr std::string_view genesis_coinbase =
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d"
    "0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66"
    "207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe55"
    "48271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba"
    "0b8d578a4c702b6bf11d5fac00000000";

std::string reversed_hex(const Hash& hash) {
    Hash reversed;
    std::ranges::reverse_copy(hash, reversed.begin());
    return to_hex(reversed);
}

TEST(BitcoinJob, AssemblesTheFirstBlock) {
    const std::string coinbase = from_hex(genesis_coinbase).value();
    EXPECT_EQ(reversed_hex(sha256d(as_bytes(coinbase).data(), coinbase.size())),
              "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
    BitcoinJob job;
    job.coinbase1 = coinbase.substr(0, 50);
    job.coinbase2 = coinbase.substr(58);
    job.version = 1;
    job.bits = 0x1d00ffff;
    const BitcoinShare share{.job_id = "",
                             .extranonce2 = coinbase.substr(54, 4),
                             .time = 0x495fab29,
                             .nonce = 0x7c2bac1d,
                             .version_bits = std::nullopt};
    const BitcoinHeader header = header_of(job, coinbase.substr(50, 4), share, job.version);
    const Hash hash = sha256d(header.data(), header.size());
    EXPECT_EQ(reversed_hex(hash),
              "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
    EXPECT_TRUE(meets_target(hash, bitcoin_target(1)));
    EXPECT_TRUE(meets_target(hash, bitcoin_target(2536)));
    EXPECT_FALSE(meets_target(hash, bitcoin_target(2537)));
}

TEST(BitcoinJob, SwapsThePreviousHashByWord) {
    BitcoinJob job;
    for (std::size_t i = 0; i < 32; ++i) job.previous[i] = static_cast<std::uint8_t>(i);
    const BitcoinHeader header = header_of(job, "", {}, 0x20000000);
    EXPECT_EQ(to_hex(ByteView(header).first(12)), "000000200302010007060504");
}

TEST(BitcoinJob, EncodesAndDecodes) {
    BitcoinJob job;
    job.job_id = "j";
    job.coinbase1 = "one";
    job.coinbase2 = "two";
    job.branches.resize(3);
    job.branches[1].fill(7);
    job.version = 0x20000000;
    job.bits = 0x17034219;
    job.time = 0x6740aabb;
    job.clean = true;
    const auto back = parse_bitcoin_job(to_json(job));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_json(*back).dump(), to_json(job).dump());
}

TEST(BitcoinJob, ParsesSharesStrictly) {
    const auto parse = [](const char* text) { return parse_bitcoin_share(Json::parse(text), 4); };
    const auto good = parse(R"(["w","j","00000001","6740aabb","0000000f","1fffe000"])");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->nonce, 15U);
    EXPECT_EQ(good->version_bits, 0x1fffe000U);
    for (const char* bad :
         {"{}", "[]", R"(["w","j","000001","6740aabb","0000000f"])",
          R"(["w","j","0000000001","6740aabb","0000000f"])", R"(["w","j","00000001","6740aabb"])",
          R"(["w","j","00000001","6740aabg","0000000f"])",
          R"(["w","j","00000001",1732291259,"0000000f"])",
          R"(["w","j","00000001","6740aabb","0000000f",""])", R"("text")", "null"})
        EXPECT_FALSE(parse(bad)) << bad;
}

} // namespace
} // namespace minewarden::lab
