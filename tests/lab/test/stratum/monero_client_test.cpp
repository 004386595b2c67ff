// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/client_protocol.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minewarden::lab {
namespace {

constexpr WireForm compact{.order = KeyOrder::newer, .spaces = false};
constexpr WireForm spaced{.order = KeyOrder::newer, .spaces = true};
constexpr WireForm old_compact{.order = KeyOrder::older, .spaces = false};
constexpr WireForm old_spaced{.order = KeyOrder::older, .spaces = true};

std::unique_ptr<ClientProtocol> make_client(const WireForm& form) {
    return make_monero_client(form, {.wallet = "4W", .agent = "A/1"});
}

/// A login answer of a current pool.
std::string login_answer(std::string_view extensions = R"(["algo","keepalive"])") {
    const std::string blob(152, 'a');
    const std::string seed(64, '5');
    return R"({"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"s1","job":{"blob":")" + blob +
           R"(","job_id":"j1","target":"ffffff7f","height":9,"seed_hash":")" + seed +
           R"(","algo":"rx/0"},"extensions":)" + std::string(extensions) + R"(,"status":"OK"}})";
}

MoneroShare example_share() {
    MoneroShare share{.job_id = "j1", .nonce = {0xde, 0xad, 0xbe, 0xef}};
    share.result.fill(0x22);
    return share;
}

TEST(MoneroClient, LogsInInTheNewOrder) {
    EXPECT_EQ(make_client(compact)->hello(),
              R"({"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"4W","pass":"x",)"
              R"("agent":"A/1","algo":["cn/1","cn/2","cn/r","cn/fast","cn/half","cn/xao","cn/rto",)"
              R"("cn/rwz","cn/zls","cn/double","cn/ccx","cn-lite/1","cn-heavy/0","cn-heavy/tube",)"
              R"("cn-heavy/xhv","cn-pico","cn-pico/tlo","cn/upx2","rx/0","rx/wow","rx/arq",)"
              R"("rx/graft","rx/sfx","rx/yada","argon2/chukwa","argon2/chukwav2","argon2/ninja",)"
              R"("ghostrider"]}})"
              "\n");
    EXPECT_TRUE(make_client(spaced)->hello().starts_with(
        R"({"id": 1, "jsonrpc": "2.0", "method": "login", "params": {"login": "4W", "pass": "x", )"
        R"("agent": "A/1", "algo": ["cn/1", "cn/2", )"));
}

TEST(MoneroClient, LogsInInTheOldOrder) {
    EXPECT_EQ(make_client(old_compact)->hello(),
              R"({"method":"login","params":{"login":"4W","pass":"x","agent":"A/1"},"id":1})"
              "\n");
    EXPECT_EQ(make_client(old_spaced)->hello(),
              R"({"method": "login", "params": {"login": "4W", "pass": "x", "agent": "A/1"}, )"
              R"("id": 1})"
              "\n");
}

TEST(MoneroClient, TakesTheFirstJobFromTheLogin) {
    const auto client = make_client(compact);
    (void)client->hello();
    const auto reaction = client->on_line(login_answer());
    ASSERT_TRUE(reaction) << reaction.error().message;
    EXPECT_TRUE(reaction->logged_in);
    ASSERT_TRUE(reaction->job);
    const auto& job = std::get<MoneroJob>(*reaction->job);
    EXPECT_EQ(job.job_id, "j1");
    EXPECT_EQ(job.blob.size(), 76U);
    EXPECT_EQ(job.height, 9U);
    EXPECT_EQ(job.seed_hash[31], 0x55);
    EXPECT_EQ(job.algorithm, "rx/0");
    EXPECT_EQ(job.target, UINT64_MAX / 2);
}

TEST(MoneroClient, SubmitsAndReadsTheAnswers) {
    const auto client = make_client(compact);
    (void)client->hello();
    ASSERT_TRUE(client->on_line(login_answer()));
    EXPECT_EQ(client->submit(example_share()),
              R"({"id":2,"jsonrpc":"2.0","method":"submit","params":{"id":"s1","job_id":"j1",)"
              R"("nonce":"deadbeef","result":")" +
                  std::string(64, '2') + "\"}}\n");
    const auto good =
        client->on_line(R"({"id":2,"jsonrpc":"2.0","error":null,"result":{"status":"OK"}})");
    ASSERT_TRUE(good && good->answer);
    EXPECT_TRUE(good->answer->accepted);
    (void)client->submit(example_share());
    const auto bad =
        client->on_line(R"({"id":3,"jsonrpc":"2.0","error":{"code":-1,"message":"no"}})");
    ASSERT_TRUE(bad && bad->answer);
    EXPECT_FALSE(bad->answer->accepted);
    EXPECT_EQ(bad->answer->reason, "no");
    const auto again = client->on_line(R"({"id":3,"error":null,"result":{"status":"OK"}})");
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->answer) << "each submit has one answer";
}

TEST(MoneroClient, SendsKeepalivesOnlyIfThePoolOffersThem) {
    const auto client = make_client(compact);
    (void)client->hello();
    EXPECT_EQ(client->keepalive(), "");
    ASSERT_TRUE(client->on_line(login_answer()));
    EXPECT_EQ(client->keepalive(),
              "{\"id\":2,\"jsonrpc\":\"2.0\",\"method\":\"keepalived\",\"params\":{\"id\":\"s1\"}}"
              "\n");
    const auto other = make_client(compact);
    (void)other->hello();
    ASSERT_TRUE(other->on_line(login_answer("[]")));
    EXPECT_EQ(other->keepalive(), "");
}

TEST(MoneroClient, ReportsWhyItStops) {
    const std::vector<std::string> bad = {
        R"({"id":1,"jsonrpc":"2.0","error":{"code":-1,"message":"no such wallet"}})",
        R"({"id":1,"jsonrpc":"2.0","error":null,"result":{}})",
        R"({"id":1,"jsonrpc":"2.0","error":null,"result":[]})",
        R"({"id":1,"error":null,"result":{"id":"s","job":{}}})",
        R"({"id":1,"error":null,"result":{"id":"s","job":[1]}})",
        R"({"method":"job","params":{"job_id":"j","blob":"aa","target":"ffffffff"}})",
        R"({"method":"job","params":null})",
        "HTTP/1.1 400 Bad Request",
    };
    for (const std::string& line : bad) {
        const auto client = make_client(compact);
        (void)client->hello();
        EXPECT_FALSE(client->on_line(line)) << line;
    }
}

} // namespace
} // namespace minewarden::lab
