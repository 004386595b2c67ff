// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"
#include "tests/rules/support/dialects.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// A recogniser returns no private data: no login name, password, wallet or job data.
namespace minewarden::rules {
namespace {

std::string texts_of(const MiningMessage& message) {
    return std::string(message.message) + "|" + std::string(message.wallet) + "|" +
           message.software;
}

std::vector<MiningMessage> found(const std::string& line) {
    return PayloadRecogniser().feed(Direction::sent, line + "\n");
}

void expect_hidden(const std::string& line, const std::vector<std::string>& secrets) {
    for (const MiningMessage& message : found(line))
        for (const std::string& secret : secrets)
            EXPECT_EQ(texts_of(message).find(secret), std::string::npos)
                << texts_of(message) << " shows " << secret;
}

TEST(Redaction, MessagesHavePrivateDataRemoved) {
    const std::vector<std::string> secrets{test::wallet,
                                           test::wallet.substr(0, 12),
                                           test::bitcoin_wallet,
                                           "secret",
                                           "f3a1b2c3",
                                           "4BiGm3/RgGQzgkTI",
                                           "b88d0600",
                                           "d0030040",
                                           test::hash.substr(0, 12),
                                           test::blob.substr(0, 12),
                                           "rig1",
                                           "08000002",
                                           "504e86ed"};
    for (const std::string& line :
         {test::monero::login_new, test::monero::login_old, test::monero::login_reply,
          test::monero::job, test::monero::submit, test::monero::keepalived,
          test::bitcoin::subscribe, test::bitcoin::authorize, test::bitcoin::configure,
          test::bitcoin::submit, test::bitcoin::notify, test::bitcoin::set_difficulty,
          test::bitcoin::subscribe_reply, test::bitcoin::extranonce}) {
        EXPECT_EQ(found(line).size(), 1U) << line;
        expect_hidden(line, secrets);
    }
}

TEST(Redaction, OtherProtocolsHavePrivateDataRemoved) {
    const std::vector<std::string> secrets{
        test::ethereum_wallet, test::wallet.substr(0, 12), "abcdef0123456789", "rig", "secret",
        "pool.test",           test::hash.substr(0, 12)};
    for (const std::string& line :
         {test::nicehash::subscribe, test::nicehash::submit, test::stratum_2::hello,
          test::stratum_2::set, test::eth_proxy::login, test::eth_proxy::submit,
          test::kawpow::submit, test::zcash::subscribe, test::zcash::submit, test::beam::login,
          test::browser::login, test::browser::submit, test::grin::submit(42), test::grin::job,
          test::iron_fish::subscribe, test::iron_fish::submit, test::webminerpool::handshake,
          test::http_post(test::node::monero_template, "User-Agent: " + test::wallet + "\r\n")}) {
        EXPECT_EQ(found(line).size(), 1U) << line;
        expect_hidden(line, secrets);
    }
}

TEST(Redaction, RemovesAnAgentThatIsTheWallet) {
    const std::string name = test::wallet.substr(0, 20);
    for (const std::string& agent : {test::wallet, test::wallet + "/1.0", "x" + test::wallet}) {
        expect_hidden(R"({"id":1,"method":"login","params":{"login":")" + test::wallet +
                          R"(","pass":"x","agent":")" + agent + R"("}})",
                      {name});
        expect_hidden(R"({"id":1,"method":"mining.subscribe","params":[")" + agent + R"("]})",
                      {name});
    }
}

TEST(Redaction, RemovesAnAgentThatIsTheLoginNameOrPassword) {
    expect_hidden(
        R"({"id":1,"method":"login","params":{"login":"alice@example.com","pass":"hunter2",)"
        R"("agent":"alice@example.com"}})",
        {"alice"});
    expect_hidden(
        R"({"id":1,"method":"login","params":{"login":"bob","pass":"hunter2","agent":"hunter2"}})",
        {"hunter2"});
}

RC_GTEST_PROP(Redaction, RemovesRandomNamesAndPasswords, ()) {
    const auto word = [] {
        std::string made = "Q"; // does not occur in any message name
        for (int i = 0; i < 12; ++i) made += "QXZ7539"[*rc::gen::inRange<std::size_t>(0, 7)];
        return made;
    };
    const std::string name = word();
    const std::string password = word();
    const std::string rig = word();
    const std::string login =
        R"({"id":1,"method":"login","params":{"login":"N","pass":"P","rigid":"R",)"
        R"("agent":"XMRig/6.26.0 R","algo":["R"]}})";
    const std::string authorize = R"({"id":2,"method":"mining.authorize","params":["N","P"]})";
    const std::string submit = R"({"id":4,"method":"mining.submit",)"
                               R"("params":["N","bf","00000001","504e86ed","b2957c02"]})";
    const auto filled = [&](std::string line) {
        for (const auto& [place, value] :
             {std::pair("\"N\"", "\"" + name + "\""), std::pair("\"P\"", "\"" + password + "\""),
              std::pair("\"R\"", "\"" + rig + "\""), std::pair(" R\"", " " + rig + "\"")})
            for (std::size_t at = line.find(place); at != std::string::npos; at = line.find(place))
                line.replace(at, std::string_view(place).size(), value);
        return line;
    };
    for (const std::string& line : {filled(login), filled(authorize), filled(submit)}) {
        const auto messages = found(line);
        RC_ASSERT(messages.size() == 1U);
        for (const std::string& secret : {name, password, rig})
            RC_ASSERT(texts_of(messages[0]).find(secret) == std::string::npos);
    }
}

} // namespace
} // namespace minewarden::rules
