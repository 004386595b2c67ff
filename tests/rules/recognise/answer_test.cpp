// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/answer.h"
#include "rules/recognise/payload.h"
#include "tests/rules/support/stratum_v2.h"

#include <gtest/gtest.h>

/// Which request a message is, and which it answers.
namespace minewarden::rules {
namespace {

using enum Direction;

std::optional<MiningMessage> read(const std::string& text) {
    const auto line = JsonLine::parse(text);
    EXPECT_TRUE(line) << text;
    return line ? with_reply(*line, recognise_line(*line)) : std::nullopt;
}

MiningMessage last_of(const std::string& bytes, Direction direction, PayloadRecogniser recogniser) {
    const auto messages = recogniser.feed(direction, bytes);
    EXPECT_FALSE(messages.empty());
    return messages.empty() ? MiningMessage{} : messages.back();
}

TEST(Answer, HasTheIdOfItsRequest) {
    const auto login = read(test::monero::login_new);
    const auto job = read(test::monero::login_reply);
    ASSERT_TRUE(login && job);
    EXPECT_NE(login->id, 0U);
    EXPECT_EQ(login->id, job->id);
    EXPECT_EQ(login->reply, Reply::none);
    EXPECT_EQ(job->message, "job");
    EXPECT_EQ(job->reply, Reply::result);
    EXPECT_NE(login->id, read(test::monero::submit)->id);
    EXPECT_EQ(read(R"({"id":"1","result":true})")->id, login->id) << "as a text";
    EXPECT_NE(read(R"({"id":1.5,"result":true})")->id, login->id);
}

TEST(Answer, IsBareIfItSaysNothingElse) {
    for (const char* text : {R"({"id":4,"result":true,"error":null})", R"({"id":4,"result":null})",
                             R"({"id":4,"jsonrpc":"2.0","result":{"status":"OK"}})",
                             R"({"id":4,"result":[null,"08"],"error":false})", R"({"id":4})"}) {
        const auto found = read(text);
        ASSERT_TRUE(found) << text;
        EXPECT_TRUE(found->is_bare_answer()) << text;
        EXPECT_EQ(found->sender, MiningSide::server);
        EXPECT_EQ(found->reply, Reply::result) << text;
    }
}

// What a pool echoes, whatever a miner chose to hide behind.
TEST(Answer, HasAnyKindOfId) {
    std::string login = test::monero::login_new;
    std::string job = test::monero::login_reply;
    const std::string number = R"("id":1,)";
    login.erase(login.find(number), number.size());
    job.erase(job.find(number), number.size());
    EXPECT_EQ(read(login)->id, read(job)->id) << "none";
    EXPECT_EQ(read(job)->reply, Reply::result);
    for (const char* id : {"null", "[1]", "true", "-1.5e3", "\"a\""}) {
        const std::string field = std::string(R"("id":)") + id + ",";
        const auto request = read("{" + field + login.substr(1));
        const auto answer = read("{" + field + job.substr(1));
        EXPECT_EQ(request->id, answer->id) << id;
        EXPECT_NE(request->id, 0U) << id;
    }
}

TEST(Answer, IsNoneWithoutAResult) {
    for (const char* text :
         {"{}", R"({"id":4,"params":[]})", R"({"id":4,"method":"eth_blockNumber"})",
          R"({"id":4,"type":"next"})", R"({"jsonrpc":"2.0"})"})
        EXPECT_FALSE(read(text)) << text;
    // A message that a server sends of itself.
    EXPECT_EQ(read(test::monero::job)->reply, Reply::none);
    EXPECT_EQ(read(test::bitcoin::notify)->reply, Reply::none);
}

TEST(Answer, RefusesAShareAsPoolsDo) {
    for (
        const char* text : {
            R"({"id":4,"result":false,"error":null})",
            R"({"id":4,"result":null,"error":[21,"Job not found",null]})",
            R"({"id":4,"result":null,"error":[23,"Low difficulty share",null]})",
            R"({"id":4,"jsonrpc":"2.0","error":{"code":-1,"message":"Low difficulty share"}})",
            R"({"id":"4","method":"submit","error":{"code":-32501,"message":"Share rejected due to low difficulty"}})",
            R"({"id":"4","method":"result","code":-3,"description":"rejected"})",
            R"({"id":9,"method":"mining.submitted","body":{"id":4,"result":false}})",
        }) {
        const auto found = read(text);
        ASSERT_TRUE(found) << text;
        EXPECT_EQ(found->reply, Reply::refusal) << text;
        EXPECT_EQ(found->id, read(R"({"id":4})")->id) << text;
    }
}

TEST(Answer, TellsAnErrorOfTheCallFromARefusedShare) {
    for (const char* text : {
             R"({"id":4,"error":{"code":-32601,"message":"Method not found"}})",
             R"({"id":4,"error":{"code":-32600,"message":"Invalid Request"}})",
             R"({"id":4,"error":{"code":-32050,"message":"busy"}})",
             R"({"id":4,"error":{"code":-1,"message":"Unauthenticated"}})",
             R"({"id":4,"error":{"code":0,"message":"No such method"}})",
             R"({"id":4,"error":[24,"Unauthorized worker",null]})",
             R"({"id":4,"error":[25,"Not subscribed",null]})",
             R"({"id":4,"error":"unknown command"})",
             R"({"id":4,"error":{"message":"?"}})",
             R"({"id":4,"error":true})",
             R"({"id":4,"result":true,"error":{"code":1e99}})",
         })
        EXPECT_EQ(read(text)->reply, Reply::error) << text;
}

TEST(Answer, IsReadInProtocolsWithFormsOfTheirOwn) {
    const auto beam = read(
        R"({"code":0,"description":"Login successful","id":"login","jsonrpc":"2.0","method":"result"})");
    EXPECT_TRUE(beam && beam->is_bare_answer() && beam->reply == Reply::result);
    const auto grin =
        read(R"({"id":"1","jsonrpc":"2.0","method":"login","result":"ok","error":null})");
    EXPECT_TRUE(grin && grin->is_bare_answer() && grin->reply == Reply::result);
    EXPECT_EQ(read(R"({"id":1,"method":"mining.subscribed","body":{"clientId":7}})")->answers,
              "subscribe");
    EXPECT_EQ(read(R"({"type":"authed","params":{"token":"a","hashes":0}})")->answers, "login");
    for (const char* text :
         {R"({"type":"hash_accepted","params":{"hashes":256}})", R"({"identifier":"hashsolved"})"})
        EXPECT_EQ(read(text)->answers, "submit") << text;
}

TEST(Answer, IsReadInFramesOfStratumV2) {
    namespace v2 = test::v2;
    PayloadRecogniser recogniser;
    recogniser.feed(sent, v2::setup());
    const auto opened = recogniser.feed(received, v2::success() + v2::channel_opened() + v2::job());
    ASSERT_EQ(opened.size(), 3U);
    EXPECT_EQ(opened[0].answers, "subscribe");
    EXPECT_EQ(opened[1].answers, "authorize");
    EXPECT_EQ(opened[2].answers, "");
    const std::string accepted = v2::channel_frame(0x1c, std::string(20, '\1'));
    for (const auto& [frame, reply] :
         {std::pair(accepted, Reply::result),
          std::pair(v2::channel_frame(0x1d, std::string(8, '\1') + v2::text("stale-share")),
                    Reply::refusal)}) {
        const auto found = recogniser.feed(received, frame);
        ASSERT_EQ(found.size(), 1U);
        EXPECT_TRUE(found[0].is_bare_answer());
        EXPECT_EQ(found[0].answers, "submit");
        EXPECT_EQ(found[0].reply, reply);
    }
    const auto midway =
        last_of(std::string(5, 'x') + accepted, received, PayloadRecogniser(StreamStart::middle));
    EXPECT_EQ(midway.answers, "submit");
}

TEST(Answer, IsReadInBodiesOfHttp) {
    const std::string body = R"({"result":null,"error":null,"id":4})";
    const auto found = last_of("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                                   "\r\n\r\n" + body,
                               received, PayloadRecogniser());
    EXPECT_TRUE(found.is_bare_answer());
    EXPECT_EQ(found.id, read(R"({"id":4})")->id);
}

TEST(Answer, IsReadInBodiesOfHttpBehindAProxy) {
    PayloadRecogniser recogniser;
    const std::string body = R"({"result":true,"error":null,"id":4})";
    const std::string response =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    recogniser.feed(sent, "CONNECT node:80 HTTP/1.1\r\nHost: node\r\n\r\n");
    recogniser.feed(received, "HTTP/1.1 200 Connection established\r\n\r\n");
    EXPECT_EQ(recogniser.feed(received, response + response).size(), 2U);
}

// A line that is an answer by its first keys and a request by its last is a request to some
// parsers.
TEST(Answer, DoesNotHideARequest) {
    std::string text = test::monero::submit;
    text.insert(1, R"("method":1,"result":1,)");
    const auto found = last_of(text + "\n", sent, PayloadRecogniser());
    EXPECT_EQ(found.message, "submit");
}

} // namespace
} // namespace minewarden::rules
