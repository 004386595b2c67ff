// SPDX-License-Identifier: Apache-2.0
#include "common/text.h"
#include "tests/lab/stratum/bitcoin_job.h"
#include "tests/lab/stratum/message.h"
#include "tests/lab/stratum/pool_session.h"

#include <gtest/gtest.h>

namespace minewarden::lab {
namespace {

constexpr std::string_view subscribe =
    R"({"id": 1, "method": "mining.subscribe", "params": ["cpuminer/2.5.1"]})";
constexpr std::string_view authorize =
    R"({"id": 2, "method": "mining.authorize", "params": ["w", "x"]})";

class BitcoinPool : public testing::Test {
  protected:
    /// Returns the first line of the answer and stores the whole answer in last_.
    Json ask(std::string_view line) {
        const Answer answer = session_->on_line(line);
        EXPECT_EQ(answer.drop_reason, "");
        last_ = answer.bytes;
        return Json::parse(split(answer.bytes, '\n').front(), nullptr, false);
    }
    void log_in() {
        ask(subscribe);
        ask(authorize);
        const auto lines = split(last_, '\n');
        ASSERT_GE(lines.size(), 3U);
        const auto notify = parse_message(lines[2]);
        ASSERT_TRUE(notify);
        const auto job = parse_bitcoin_job(notify->params);
        ASSERT_TRUE(job) << job.error().message;
        job_ = *job;
    }
    std::string submit_line(std::string_view nonce, std::string_view more = "") const {
        return R"({"id": 4, "method": "mining.submit", "params": ["w", ")" + job_.job_id +
               R"(", "00000000", ")" + hex32(job_.time) + R"(", ")" + std::string(nonce) + "\"" +
               std::string(more) + "]}";
    }
    static std::string error_of(const Json& answer) { return answer["error"][1]; }

    EventLog events_{[](std::string_view) {}};
    PoolContext context_{.events = events_,
                         .difficulty = 1e-9,
                         .monero_hash = nullptr,
                         .verify = false,
                         .chain = {},
                         .totals = {}};
    std::unique_ptr<PoolSession> session_ = make_bitcoin_session(context_, 1);
    BitcoinJob job_;
    std::string last_;
};

TEST_F(BitcoinPool, AnswersASubscription) {
    const Json answer = ask(subscribe);
    EXPECT_TRUE(last_.starts_with(R"({"id":1,"result":[[["mining.set_difficulty",")")) << last_;
    EXPECT_TRUE(last_.ends_with("\",4],\"error\":null}\n")) << last_;
    EXPECT_EQ(answer["result"][1].get<std::string>().size(), 8U);
}

TEST_F(BitcoinPool, AnswersAWorkerWithDifficultyAndJob) {
    ask(subscribe);
    ask(authorize);
    const auto lines = split(last_, '\n');
    ASSERT_GE(lines.size(), 3U);
    EXPECT_EQ(lines[0], R"({"id":2,"result":true,"error":null})");
    EXPECT_EQ(lines[1], R"({"id":null,"method":"mining.set_difficulty","params":[1e-09]})");
    EXPECT_TRUE(lines[2].starts_with(R"({"id":null,"method":"mining.notify","params":[")"));
    EXPECT_GT(lines[2].size(), 1000U);
}

TEST_F(BitcoinPool, PushesJobsOnlyToWorkers) {
    EXPECT_EQ(session_->new_job(), "");
    ask(subscribe);
    EXPECT_EQ(session_->new_job(), "");
    ask(authorize);
    EXPECT_NE(session_->new_job(), "");
}

TEST_F(BitcoinPool, AcceptsAValidShareOnce) {
    log_in();
    ask(submit_line("00000001"));
    EXPECT_EQ(last_, "{\"id\":4,\"result\":true,\"error\":null}\n");
    EXPECT_EQ(error_of(ask(submit_line("00000001"))), "Duplicate share");
    EXPECT_EQ(ask(submit_line("00000002"))["result"], true);
}

TEST_F(BitcoinPool, RefusesSharesThatDoNotFit) {
    EXPECT_EQ(error_of(ask(R"({"id":4,"method":"mining.submit","params":["w"]})")),
              "Not subscribed");
    log_in();
    EXPECT_EQ(error_of(ask(R"({"id":4,"method":"mining.submit","params":["other"]})")),
              "Unauthorized worker");
    EXPECT_NE(error_of(ask(submit_line("0001"))), "");
    EXPECT_EQ(error_of(ask(submit_line("00000001", R"(, "00002000")"))),
              "Version rolling was not agreed");
    job_.time += 8000;
    EXPECT_EQ(error_of(ask(submit_line("00000001"))), "Time out of range");
    job_.job_id = "other";
    EXPECT_EQ(error_of(ask(submit_line("00000001"))), "Job not found");
}

TEST_F(BitcoinPool, AgreesOnVersionRolling) {
    const Json answer = ask(R"({"id":3,"method":"mining.configure","params":)"
                            R"([["version-rolling"],{"version-rolling.mask":"1fffe000"}]})");
    EXPECT_EQ(last_, R"({"id":3,"result":{"version-rolling":true,)"
                     R"("version-rolling.mask":"1fffe000"},"error":null})"
                     "\n");
    log_in();
    EXPECT_EQ(ask(submit_line("00000001", R"(, "00002000")"))["result"], true);
    EXPECT_EQ(ask(submit_line("00000001", R"(, "00004000")"))["result"], true);
    EXPECT_EQ(error_of(ask(submit_line("00000001", R"(, "00004000")"))), "Duplicate share");
}

TEST_F(BitcoinPool, VerifiesIfConfigured) {
    context_.verify = true;
    context_.difficulty = maximum_bitcoin_difficulty;
    session_ = make_bitcoin_session(context_, 1);
    log_in();
    EXPECT_EQ(error_of(ask(submit_line("00000001"))), "Low difficulty share");
}

TEST_F(BitcoinPool, AnswersOtherRequests) {
    EXPECT_EQ(ask(R"({"id":3,"method":"mining.extranonce.subscribe","params":[]})")["result"],
              true);
    EXPECT_EQ(error_of(ask(R"({"id":3,"method":"mystery"})")), "Unknown method");
    EXPECT_EQ(error_of(ask(authorize)), "Not subscribed");
    ask(subscribe);
    EXPECT_EQ(error_of(ask(R"({"id":2,"method":"mining.authorize","params":{}})")),
              "Unauthorized worker");
    EXPECT_NE(session_->on_line("{]").drop_reason, "");
}

} // namespace
} // namespace minewarden::lab
