// SPDX-License-Identifier: Apache-2.0
#include "common/bytes.h"
#include "tests/lab/stratum/message.h"
#include "tests/lab/stratum/monero_job.h"
#include "tests/lab/stratum/pool_session.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minewarden::lab {
namespace {

constexpr std::string_view login =
    R"({"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"w","pass":"x","agent":"a"}})";

class MoneroPool : public testing::Test {
  protected:
    /// Returns the answer, which must be one line of JSON.
    Json ask(std::string_view line) {
        const Answer answer = session_->on_line(line);
        EXPECT_EQ(answer.drop_reason, "");
        EXPECT_TRUE(answer.bytes.ends_with('\n')) << answer.bytes;
        last_ = answer.bytes;
        return Json::parse(answer.bytes, nullptr, false);
    }
    void log_in() {
        const Json answer = ask(login);
        session_id_ = answer["result"]["id"];
        const auto job = parse_monero_job(answer["result"]["job"]);
        ASSERT_TRUE(job) << job.error().message;
        job_ = *job;
    }
    std::string submit_line(const std::string& nonce, const Hash& result) const {
        return R"({"id":5,"jsonrpc":"2.0","method":"submit","params":{"id":")" + session_id_ +
               R"(","job_id":")" + job_.job_id + R"(","nonce":")" + nonce + R"(","result":")" +
               to_hex(result) + "\"}}";
    }
    std::string error_of(const Json& answer) { return answer["error"]["message"]; }

    EventLog events_{[](std::string_view) {}};
    PoolContext context_{.events = events_,
                         .difficulty = 1000,
                         .monero_hash = nullptr,
                         .verify = false,
                         .chain = {},
                         .totals = {}};
    std::unique_ptr<PoolSession> session_ = make_monero_session(context_, 1);
    std::string session_id_;
    MoneroJob job_;
    std::string last_;
};

TEST_F(MoneroPool, AnswersALogin) {
    log_in();
    EXPECT_TRUE(last_.starts_with(R"({"id":1,"jsonrpc":"2.0","error":null,"result":{"id":")"));
    EXPECT_TRUE(last_.ends_with(
        R"("extensions":["algo","nicehash","connect","keepalive","tls"],"status":"OK"}})"
        "\n"));
    EXPECT_EQ(job_.blob.size(), 76U);
    EXPECT_EQ(job_.target_hex, "37894100");
    EXPECT_EQ(job_.algorithm, "rx/0");
    EXPECT_EQ(context_.totals.logins, 1U);
}

TEST_F(MoneroPool, PushesJobsOnlyAfterALogin) {
    EXPECT_EQ(session_->new_job(), "");
    log_in();
    const std::string push = session_->new_job();
    EXPECT_TRUE(push.starts_with(R"({"jsonrpc":"2.0","method":"job","params":{"blob":")")) << push;
}

TEST_F(MoneroPool, AcceptsAValidShareOnce) {
    log_in();
    const Hash good{};
    ask(submit_line("00000001", good));
    EXPECT_EQ(last_,
              "{\"id\":5,\"jsonrpc\":\"2.0\",\"error\":null,\"result\":{\"status\":\"OK\"}}\n");
    EXPECT_EQ(error_of(ask(submit_line("00000001", good))), "Duplicate share");
    EXPECT_EQ(context_.totals.accepted, 1U);
    EXPECT_EQ(context_.totals.refused, 1U);
}

TEST_F(MoneroPool, RefusesSharesThatDoNotFit) {
    log_in();
    Hash high;
    high.fill(0xff);
    EXPECT_EQ(error_of(ask(submit_line("00000001", high))), "Low difficulty share");
    EXPECT_EQ(error_of(ask(submit_line("0001", {}))), "\"nonce\" is missing or malformed");
    job_.job_id = "other";
    EXPECT_EQ(error_of(ask(submit_line("00000002", {}))), "Block expired");
}

TEST_F(MoneroPool, ForgetsOldJobs) {
    log_in();
    for (int i = 0; i < 3; ++i) (void)session_->new_job();
    EXPECT_EQ(ask(submit_line("00000001", {}))["result"]["status"], "OK");
    (void)session_->new_job();
    EXPECT_EQ(error_of(ask(submit_line("00000002", {}))), "Block expired");
}

TEST_F(MoneroPool, VerifiesIfConfigured) {
    Hash truth{};
    truth[0] = 7;
    context_.verify = true;
    context_.monero_hash = [&](ByteView blob) {
        EXPECT_EQ(to_hex(blob.subspan(MoneroJob::nonce_offset, 4)), "01020304");
        return truth;
    };
    log_in();
    EXPECT_EQ(error_of(ask(submit_line("01020304", {}))), "Invalid result");
    session_ = make_monero_session(context_, 2);
    log_in();
    EXPECT_EQ(ask(submit_line("01020304", truth))["result"]["status"], "OK");
}

TEST_F(MoneroPool, AnswersKeepalivesAndGivesJobs) {
    log_in();
    const auto request = [&](const std::string& method) {
        return R"({"id":9,"jsonrpc":"2.0","method":")" + method + R"(","params":{"id":")" +
               session_id_ + "\"}}";
    };
    EXPECT_EQ(ask(request("keepalived"))["result"]["status"], "KEEPALIVED");
    EXPECT_TRUE(parse_monero_job(ask(request("getjob"))["result"]));
    EXPECT_EQ(error_of(ask(request("mystery"))), "Method not found");
}

TEST_F(MoneroPool, RequiresALogin) {
    EXPECT_EQ(error_of(ask(R"({"id":1,"method":"submit","params":{}})")), "Unauthenticated");
    EXPECT_EQ(error_of(ask(R"({"id":1,"method":"keepalived"})")), "Unauthenticated");
    EXPECT_EQ(error_of(ask(R"({"id":1,"method":"login","params":{"user":"w"}})")), "Missing login");
    EXPECT_EQ(error_of(ask(R"({"id":1,"method":"login","params":["w"]})")), "Missing login");
    EXPECT_EQ(error_of(ask(R"({"id":1,"method":"login"})")), "Missing login");
}

TEST_F(MoneroPool, DropsClientsThatSendOtherData) {
    for (const char* line : {"", "GET / HTTP/1.1", "{", "[1]", R"({"id":[],"method":"login"})"})
        EXPECT_NE(session_->on_line(line).drop_reason, "") << line;
    const Answer answer = session_->on_line(R"({"id":1,"result":true})");
    EXPECT_EQ(answer.bytes + answer.drop_reason, "") << "an answer to nothing is ignored";
}

} // namespace
} // namespace minewarden::lab
