// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/client_protocol.h"

#include <gtest/gtest.h>

namespace minewarden::lab {
namespace {

constexpr WireForm spaced{.order = KeyOrder::newer, .spaces = true};
constexpr WireForm old_compact{.order = KeyOrder::older, .spaces = false};

std::unique_ptr<ClientProtocol> make_client(const WireForm& form, bool configure = false) {
    return make_bitcoin_client(form, {.wallet = "w.1", .agent = "cpuminer/2.5.1"}, configure);
}

constexpr std::string_view subscribed =
    R"({"id":1,"result":[[["mining.set_difficulty","aa"],["mining.notify","aa"]],"0a0b0c0d",4],)"
    R"("error":null})";

std::string notify() {
    const std::string hash(64, '1');
    return R"({"id":null,"method":"mining.notify","params":["j1",")" + hash +
           R"(","0102","0304",[")" + hash + R"("],"20000000","17034219","6740aabb",true]})";
}

TEST(BitcoinClient, SendsTheMessagesOfCpuminer) {
    const auto client = make_client(spaced);
    EXPECT_EQ(client->hello(), "{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": "
                               "[\"cpuminer/2.5.1\"]}\n");
    auto reaction = client->on_line(subscribed);
    ASSERT_TRUE(reaction) << reaction.error().message;
    EXPECT_EQ(reaction->send,
              "{\"id\": 2, \"method\": \"mining.authorize\", \"params\": [\"w.1\", \"x\"]}\n");
    reaction = client->on_line(R"({"id":2,"result":true,"error":null})");
    ASSERT_TRUE(reaction);
    EXPECT_TRUE(reaction->logged_in);
    EXPECT_EQ(reaction->send,
              "{\"id\": 3, \"method\": \"mining.extranonce.subscribe\", \"params\": []}\n");
    reaction = client->on_line(R"({"id":null,"method":"mining.set_difficulty","params":[0.5]})");
    ASSERT_TRUE(reaction);
    reaction = client->on_line(notify());
    ASSERT_TRUE(reaction && reaction->job);
    const auto& work = std::get<BitcoinWork>(*reaction->job);
    EXPECT_EQ(work.extranonce1, "\x0a\x0b\x0c\x0d");
    EXPECT_EQ(work.extranonce2_size, 4U);
    EXPECT_EQ(work.target, bitcoin_target(0.5));
    EXPECT_EQ(work.job.time, 0x6740aabbU);
    const BitcoinShare share{.job_id = "j1",
                             .extranonce2 = std::string(3, '\0') + "\x07",
                             .time = 0x6740aabb,
                             .nonce = 0x1,
                             .version_bits = std::nullopt};
    EXPECT_EQ(client->submit(share),
              "{\"id\": 4, \"method\": \"mining.submit\", \"params\": [\"w.1\", \"j1\", "
              "\"00000007\", \"6740aabb\", \"00000001\"]}\n");
    reaction = client->on_line(R"({"id":4,"result":true,"error":null})");
    ASSERT_TRUE(reaction && reaction->answer);
    EXPECT_TRUE(reaction->answer->accepted);
    (void)client->submit(share);
    reaction = client->on_line(R"({"id":5,"result":null,"error":[22,"Duplicate share",null]})");
    ASSERT_TRUE(reaction && reaction->answer);
    EXPECT_FALSE(reaction->answer->accepted);
    EXPECT_EQ(reaction->answer->reason, "Duplicate share");
    EXPECT_EQ(client->keepalive(), "");
}

TEST(BitcoinClient, WritesTheOldOrderWithoutSpaces) {
    EXPECT_EQ(make_client(old_compact)->hello(),
              "{\"method\":\"mining.subscribe\",\"params\":[\"cpuminer/2.5.1\"],\"id\":1}\n");
}

TEST(BitcoinClient, CanNegotiateVersionRollingFirst) {
    const auto client = make_client(spaced, true);
    EXPECT_EQ(client->login_method(), "mining.configure");
    EXPECT_EQ(client->hello(),
              "{\"id\": 1, \"method\": \"mining.configure\", \"params\": [[\"version-rolling\"], "
              "{\"version-rolling.mask\": \"1fffe000\"}]}\n");
    const auto reaction = client->on_line(R"({"id":1,"result":{"version-rolling":true}})");
    ASSERT_TRUE(reaction);
    EXPECT_EQ(reaction->send, "{\"id\": 2, \"method\": \"mining.subscribe\", \"params\": "
                              "[\"cpuminer/2.5.1\"]}\n");
}

TEST(BitcoinClient, ReportsWhyItStops) {
    const std::vector<std::string> bad = {
        R"({"id":1,"result":null,"error":[20,"no",null]})",
        R"({"id":1,"result":[[],"zz",4]})",
        R"({"id":1,"result":[[],"00",400]})",
        R"({"id":1,"result":[[],"00"]})",
        R"({"id":1,"result":[[],"00",-4]})",
        R"({"method":"mining.set_difficulty","params":[0]})",
        R"({"method":"mining.set_difficulty","params":["1"]})",
        R"({"method":"mining.set_difficulty","params":{}})",
        R"({"method":"mining.notify","params":[]})",
        R"({"method":"mining.notify","params":["j","00","","",[],"","","",true]})",
        "not json",
    };
    for (const std::string& line : bad) {
        const auto client = make_client(spaced);
        (void)client->hello();
        EXPECT_FALSE(client->on_line(line)) << line;
    }
}

} // namespace
} // namespace minewarden::lab
