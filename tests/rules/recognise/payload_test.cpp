// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"
#include "tests/rules/support/stratum.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden::rules {
namespace {

using enum Direction;
namespace monero = test::monero;
namespace bitcoin = test::bitcoin;

std::vector<std::string> names(const std::vector<MiningMessage>& messages) {
    std::vector<std::string> made;
    for (const MiningMessage& message : messages) made.emplace_back(message.message);
    return made;
}

/// The messages that a new recogniser finds in `bytes`.
std::vector<std::string> found(const std::string& bytes, Direction direction = sent) {
    return names(PayloadRecogniser().feed(direction, bytes));
}

using Names = std::vector<std::string>;

TEST(Payload, RecognisesALine) {
    EXPECT_EQ(found(monero::login_new + "\n"), Names{"login"});
    EXPECT_EQ(found(monero::login_old + "\n"), Names{"login"});
    EXPECT_EQ(found(monero::login_old + "\r\n"), Names{"login"});
    EXPECT_EQ(found(bitcoin::subscribe + "\n"), Names{"subscribe"});
}

TEST(Payload, RecognisesSeveralLines) {
    EXPECT_EQ(found(bitcoin::subscribe + "\n" + bitcoin::authorize + "\n" + bitcoin::submit + "\n"),
              (Names{"subscribe", "authorize", "submit"}));
    EXPECT_EQ(found(bitcoin::set_difficulty + "\n" + bitcoin::notify + "\n", received),
              (Names{"set_difficulty", "notify"}));
}

TEST(Payload, SkipsBlankLinesAndSpacesBeforeAMessage) {
    for (const char* before : {"\n", "\r\n", " ", "\t", "\n\n  "})
        EXPECT_EQ(found(before + monero::login_new + "\n"), Names{"login"});
}

TEST(Payload, RecognisesALoginSplitAnywhere) {
    const std::string whole = monero::login_new + "\n";
    for (std::size_t at = 0; at <= whole.size(); ++at) {
        PayloadRecogniser recogniser;
        auto messages = recogniser.feed(sent, whole.substr(0, at));
        for (MiningMessage& message : recogniser.feed(sent, whole.substr(at)))
            messages.push_back(std::move(message));
        ASSERT_EQ(names(messages), Names{"login"}) << at;
        ASSERT_EQ(messages[0].software, "XMRig") << at;
    }
}

TEST(Payload, RecognisesALoginInSingleBytes) {
    PayloadRecogniser recogniser;
    std::vector<MiningMessage> messages;
    for (const char byte : monero::login_old + "\n") {
        EXPECT_TRUE(recogniser.wants_more());
        for (MiningMessage& message : recogniser.feed(sent, std::string_view(&byte, 1)))
            messages.push_back(std::move(message));
    }
    EXPECT_EQ(names(messages), Names{"login"});
}

TEST(Payload, DoesNotMixDirections) {
    PayloadRecogniser recogniser;
    const std::string login = monero::login_new + "\n";
    const std::string reply = monero::login_reply + "\n";
    EXPECT_TRUE(recogniser.feed(sent, login.substr(0, 50)).empty());
    EXPECT_TRUE(recogniser.feed(received, reply.substr(0, 70)).empty());
    EXPECT_EQ(names(recogniser.feed(sent, login.substr(50))), Names{"login"});
    EXPECT_EQ(names(recogniser.feed(received, reply.substr(70))), Names{"job"});
}

TEST(Payload, FollowsAWholeSession) {
    PayloadRecogniser recogniser;
    EXPECT_EQ(names(recogniser.feed(sent, monero::login_new + "\n")), Names{"login"});
    EXPECT_EQ(names(recogniser.feed(received, monero::login_reply + "\n")), Names{"job"});
    EXPECT_EQ(names(recogniser.feed(sent, monero::submit + "\n")), Names{"submit"});
    EXPECT_TRUE(recogniser
                    .feed(received, "{\"id\":2,\"jsonrpc\":\"2.0\",\"error\":null,"
                                    "\"result\":{\"status\":\"OK\"}}\n")
                    .empty());
    EXPECT_EQ(names(recogniser.feed(received, monero::job + "\n")), Names{"job"});
    EXPECT_EQ(names(recogniser.feed(sent, monero::keepalived + "\n")), Names{"keepalive"});
    EXPECT_TRUE(recogniser.wants_more());
}

TEST(Payload, ContinuesAfterOtherJson) {
    EXPECT_EQ(found("{\"id\":0,\"method\":\"hello\"}\n" + monero::login_new + "\n"),
              Names{"login"});
}

TEST(Payload, StopsAtOtherProtocols) {
    for (const std::string& bytes :
         {std::string("DELETE /x HTTP/1.1\r\n"),
          std::string("<!DOCTYPE html><html>mining.subscribe</html>\n"),
          std::string("\x16\x03\x01\x02\x00\x01\x00", 7), std::string("SSH-2.0-OpenSSH_9.2\r\n"),
          std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8),
          std::string("[{\"method\":\"mining.subscribe\"}]\n"), std::string("EHLO x\r\n"),
          std::string("mining.subscribe\n")}) {
        PayloadRecogniser recogniser;
        EXPECT_TRUE(recogniser.feed(sent, bytes).empty()) << bytes;
        EXPECT_FALSE(recogniser.wants_more()) << bytes;
    }
}

TEST(Payload, FindsNothingAfterItStopped) {
    PayloadRecogniser recogniser;
    EXPECT_TRUE(recogniser.feed(sent, "EHLO x\r\n").empty());
    EXPECT_TRUE(recogniser.feed(sent, monero::login_new + "\n").empty());
}

TEST(Payload, DoesNotRecogniseStratumInsideHttp) {
    EXPECT_TRUE(found("POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n" +
                      bitcoin::subscribe + "\n")
                    .empty());
    EXPECT_TRUE(found("HTTP/1.1 200 OK\r\n\r\n" + monero::login_reply + "\n", received).empty());
}

TEST(Payload, DoesNotRecogniseTextAboutMining) {
    for (const std::string& bytes :
         {std::string("{\"log\":\"grep -r stratum+tcp\"}\n"),
          "{\"message\":" + std::string("\"mining.subscribe mining.notify login pass\"") + "}\n",
          std::string("{\"rule\":{\"method\":\"mining.subscribe\",\"params\":[]}}\n"),
          "\"" + std::string("{\\\"method\\\":\\\"mining.subscribe\\\",\\\"params\\\":[]}") +
              "\"\n",
          "[" + monero::login_new + "]\n"})
        EXPECT_TRUE(found(bytes).empty()) << bytes;
}

TEST(Payload, HandlesHostileLines) {
    for (const std::string& bytes :
         {std::string(1 << 20, '{'), std::string(1 << 20, 'x'), std::string(1 << 20, '\n'),
          "{\"a\":" + std::string(10'000, '[') + "\n", "{\"a\":\"" + std::string(1 << 20, 'x'),
          std::string(1 << 20, ' '), "{" + std::string(4096, '\0') + "\n",
          std::string("{\xff\xfe\n"), std::string("{\"id\":1e999,\"method\":\"login\"}\n")}) {
        PayloadRecogniser recogniser;
        EXPECT_TRUE(recogniser.feed(sent, bytes).empty());
        EXPECT_TRUE(recogniser.feed(sent, bytes).empty());
    }
}

TEST(Payload, StopsAtALineWithoutAnEnd) {
    PayloadRecogniser recogniser;
    for (int i = 0; i < 1024; ++i)
        EXPECT_TRUE(
            recogniser.feed(sent, (i == 0 ? "{\"a\":\"" : "") + std::string(1024, 'x')).empty());
    EXPECT_FALSE(recogniser.wants_more());
}

TEST(Payload, TheSenderIsTheSideOfTheProtocol) {
    // A pool receives the messages of its clients.
    const auto messages = PayloadRecogniser().feed(received, monero::login_new + "\n");
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].sender, MiningSide::client);
}

RC_GTEST_PROP(Payload, RecognisesTheSameMessagesHoweverTheyAreCut, ()) {
    const std::string stream = monero::login_new + "\n" + bitcoin::subscribe + "\r\n{\"x\":1}\n" +
                               monero::submit + "\n" + monero::keepalived + "\n";
    PayloadRecogniser recogniser;
    Names seen;
    for (std::size_t at = 0; at < stream.size();) {
        const auto length = *rc::gen::inRange<std::size_t>(1, 200);
        for (const MiningMessage& message : recogniser.feed(sent, stream.substr(at, length)))
            seen.emplace_back(message.message);
        at += length;
    }
    RC_ASSERT(seen == (Names{"login", "subscribe", "submit", "keepalive"}));
}

RC_GTEST_PROP(Payload, HandlesAnyBytes, (const std::string& bytes)) {
    PayloadRecogniser recogniser;
    (void)recogniser.feed(sent, "{" + bytes + "\n{" + bytes);
    (void)recogniser.feed(received, bytes);
}

} // namespace
} // namespace minewarden::rules
