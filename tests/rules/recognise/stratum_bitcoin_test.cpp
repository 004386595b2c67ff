// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"
#include "tests/rules/support/stratum.h"

#include <gtest/gtest.h>

namespace minewarden::rules {
namespace {

namespace bitcoin = test::bitcoin;

std::optional<MiningMessage> recognised(const std::string& text) {
    const auto line = JsonLine::parse(text);
    return line ? recognise_bitcoin(*line) : std::nullopt;
}

void expect_message(const std::string& text, std::string_view message, MiningSide sender) {
    const auto found = recognised(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(found->protocol, MiningProtocol::bitcoin);
    EXPECT_EQ(found->message, message) << text;
    EXPECT_EQ(found->sender, sender) << text;
}

std::string replaced(std::string text, const std::string& part, const std::string& other) {
    const std::size_t at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return at == std::string::npos ? text : text.replace(at, part.size(), other);
}

TEST(StratumBitcoin, RecognisesRequestsOfTheClient) {
    expect_message(bitcoin::subscribe, "subscribe", MiningSide::client);
    expect_message(bitcoin::authorize, "authorize", MiningSide::client);
    expect_message(bitcoin::configure, "configure", MiningSide::client);
    expect_message(bitcoin::submit, "submit", MiningSide::client);
    expect_message(bitcoin::extranonce, "extranonce", MiningSide::client);
}

TEST(StratumBitcoin, RecognisesSubscribeInOtherForms) {
    expect_message(R"({"id":0,"method":"mining.subscribe","params":[]})", "subscribe",
                   MiningSide::client);
    expect_message(R"({"params":["cgminer/4.9.0","f000000f1"],"method":"mining.subscribe","id":0})",
                   "subscribe", MiningSide::client);
    expect_message(
        R"({"id":1,"method":"mining.subscribe","params":["EWBF 0.3.4b",null,"host","3333"]})",
        "subscribe", MiningSide::client);
    expect_message(
        R"({"id":1,"method":"mining.subscribe","params":["ethminer/0.19","EthereumStratum/1.0.0"]})",
        "subscribe", MiningSide::client);
}

TEST(StratumBitcoin, RecognisesMessagesOfTheServer) {
    expect_message(bitcoin::notify, "notify", MiningSide::server);
    expect_message(bitcoin::set_difficulty, "set_difficulty", MiningSide::server);
    expect_message(replaced(bitcoin::set_difficulty, "[2]", "[0.015625]"), "set_difficulty",
                   MiningSide::server);
}

TEST(StratumBitcoin, RecognisesTheReplyToSubscribe) {
    const auto reply = recognised(bitcoin::subscribe_reply);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->sender, MiningSide::server);
    const std::string_view names =
        "subscribe, authorize, configure, submit, notify, set_difficulty, extranonce";
    EXPECT_NE(names.find(reply->message), std::string_view::npos) << reply->message;
}

TEST(StratumBitcoin, RecognisesSubmitWithVersionBits) {
    expect_message(replaced(bitcoin::submit, "\"b2957c02\"", "\"b2957c02\",\"0a000000\""), "submit",
                   MiningSide::client);
}

TEST(StratumBitcoin, RecognisesKeysWrittenAsEscapes) {
    expect_message(replaced(bitcoin::subscribe, "mining.subscribe", "\\u006dining\\u002esubscribe"),
                   "subscribe", MiningSide::client);
}

TEST(StratumBitcoin, SoftwareIsTheProductName) {
    EXPECT_EQ(recognised(bitcoin::subscribe)->software, "cpuminer-opt");
    EXPECT_EQ(recognised(bitcoin::authorize)->software, "");
    EXPECT_EQ(recognised(R"({"id":0,"method":"mining.subscribe","params":[]})")->software, "");
}

TEST(StratumBitcoin, LoginNamesAreReducedToTheirForm) {
    const auto form = [](const std::string& name) {
        const auto found =
            recognised(R"({"id":2,"method":"mining.authorize","params":[")" + name + R"(","x"]})");
        return found ? std::string(found->wallet) : "not recognised";
    };
    EXPECT_EQ(form(test::bitcoin_wallet + ".rig1"), "bitcoin");
    EXPECT_EQ(form("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), "bitcoin");
    EXPECT_EQ(form("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"), "bitcoin");
    EXPECT_EQ(form(test::wallet), "monero");
    EXPECT_EQ(form("bob.rig1"), "other");
    EXPECT_EQ(recognised(bitcoin::subscribe)->wallet, "none");
}

TEST(StratumBitcoin, IgnoresOtherMethods) {
    for (const char* text :
         {R"({"id":1,"method":"mining.foo","params":[]})",
          R"({"id":1,"method":"mining.","params":[]})", R"({"id":1,"method":"mining","params":[]})",
          R"({"id":1,"method":"subscribe","params":["x"]})",
          R"({"id":1,"method":"Mining.subscribe","params":[]})",
          R"({"id":1,"method":"mining.subscribe2","params":[]})",
          R"({"id":1,"method":"data.mining.subscribe","params":[]})",
          R"({"id":1,"method":"mining.report","params":["decision-tree"]})"})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumBitcoin, IgnoresTheWordElsewhere) {
    for (const char* text :
         {R"({"text":"mining.subscribe"})", R"({"method":"log","params":["mining.subscribe"]})",
          R"({"msg":"{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}"})",
          R"({"mining.subscribe":[]})", R"({"data":{"method":"mining.subscribe","params":[]}})",
          R"({"result":["mining.notify","mining.set_difficulty"]})",
          R"({"query":{"match":{"method":"mining.subscribe"}}})"})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumBitcoin, RequestsNeedTheirParameters) {
    for (const char* text : {R"({"id":1,"method":"mining.subscribe"})",
                             R"({"id":1,"method":"mining.subscribe","params":{}})",
                             R"({"id":1,"method":"mining.subscribe","params":"x"})",
                             R"({"id":1,"method":"mining.authorize","params":[]})",
                             R"({"id":1,"method":"mining.authorize","params":[1,2]})",
                             R"({"id":1,"method":"mining.submit","params":[]})",
                             R"({"id":1,"method":"mining.submit","params":["a","b"]})",
                             R"({"id":1,"method":"mining.submit","params":["a","b","x","y","z"]})",
                             R"({"id":1,"method":"mining.submit","params":[1,2,3,4,5]})",
                             R"({"method":"mining.notify","params":[]})",
                             R"({"method":"mining.notify","params":["bf"]})",
                             R"({"method":"mining.set_difficulty","params":[]})",
                             R"({"method":"mining.set_difficulty","params":["high"]})",
                             R"({"id":1,"method":"mining.configure","params":[]})"})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumBitcoin, IgnoresRepliesOfOtherServices) {
    for (const char* text :
         {R"({"id":1,"result":true,"error":null})", R"({"id":1,"result":[],"error":null})",
          R"({"id":1,"result":[[["a","b"]],"08000002",4],"error":null})",
          R"({"id":1,"result":[["x"],"08000002",4],"error":null})",
          R"({"id":1,"result":[1,2,3],"error":null})",
          R"({"id":1,"result":[[],"name",4],"error":null})"})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumBitcoin, IgnoresTheOtherDialect) {
    for (const std::string& text :
         {test::monero::login_new, test::monero::login_reply, test::monero::job,
          test::monero::submit, test::monero::keepalived})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(ProductName, IsTheNameBeforeAVersion) {
    EXPECT_EQ(product_name("XMRig/6.26.0 (Linux x86_64) libuv/1.44"), "XMRig");
    EXPECT_EQ(product_name("cpuminer-opt/24.4"), "cpuminer-opt");
    EXPECT_EQ(product_name("xmr-stak-cpu/1.3.0"), "xmr-stak-cpu");
}

TEST(ProductName, AnythingElseIsDropped) {
    for (const char* text :
         {"", "hunter2", "wallet/", "a b/1", "/1.0", "中文/1.0", "[31mred/1",
          "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2/1",
          "name/x1"})
        EXPECT_EQ(product_name(text), "other") << text;
    EXPECT_EQ(product_name(std::string(1000, 'a')), "other");
    EXPECT_EQ(product_name(std::string_view("a\0b/1", 5)), "other");
}

} // namespace
} // namespace minewarden::rules
