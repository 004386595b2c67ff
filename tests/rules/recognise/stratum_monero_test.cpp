// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"
#include "tests/rules/support/stratum.h"

#include <gtest/gtest.h>

namespace minewarden::rules {
namespace {

namespace monero = test::monero;

std::optional<MiningMessage> recognised(const std::string& text) {
    const auto line = JsonLine::parse(text);
    return line ? recognise_monero(*line) : std::nullopt;
}

void expect_message(const std::string& text, std::string_view message, MiningSide sender) {
    const auto found = recognised(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(found->protocol, MiningProtocol::monero);
    EXPECT_EQ(found->message, message) << text;
    EXPECT_EQ(found->sender, sender) << text;
}

std::string login_of(const std::string& name) {
    return R"({"id":1,"method":"login","params":{"login":")" + name + R"(","pass":"x"}})";
}
std::string replaced(std::string text, const std::string& part, const std::string& other) {
    const std::size_t at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return at == std::string::npos ? text : text.replace(at, part.size(), other);
}

TEST(StratumMonero, RecognisesLoginInTheNewKeyOrder) {
    expect_message(monero::login_new, "login", MiningSide::client);
    const auto login = recognised(monero::login_new);
    EXPECT_EQ(login->wallet, "monero");
    EXPECT_EQ(login->software, "XMRig");
    EXPECT_EQ(login->algorithms, 3);
}

TEST(StratumMonero, RecognisesLoginInTheOldKeyOrder) {
    expect_message(monero::login_old, "login", MiningSide::client);
    const auto login = recognised(monero::login_old);
    EXPECT_EQ(login->wallet, "monero");
    EXPECT_EQ(login->software, "xmr-stak");
    EXPECT_EQ(login->algorithms, 0);
}

TEST(StratumMonero, RecognisesLoginWithAnySpaces) {
    std::string spaced;
    bool quoted = false;
    for (const char c : monero::login_new) {
        if (c == '"') quoted = !quoted;
        spaced += c;
        if (!quoted && std::string_view("{}[]:,").find(c) != std::string_view::npos)
            spaced += " \t";
    }
    expect_message(spaced, "login", MiningSide::client);
}

TEST(StratumMonero, RecognisesLoginWithKeysWrittenAsEscapes) {
    std::string escaped = replaced(monero::login_new, "\"method\"", R"("\u006d\u0065thod")");
    escaped = replaced(escaped, "\"login\",", R"("\u006cogin",)");
    escaped = replaced(escaped, "\"pass\"", R"("p\u0061ss")");
    escaped = replaced(escaped, "\"params\"", R"("par\u0061ms")");
    expect_message(escaped, "login", MiningSide::client);
}

TEST(StratumMonero, RecognisesLoginWithAnyJsonRpcId) {
    for (const char* id : {"1", "0", "\"a\"", "null", "18446744073709551615"})
        expect_message(std::string("{\"id\":") + id +
                           ",\"method\":\"login\",\"params\":{\"login\":\"a\",\"pass\":\"b\"}}",
                       "login", MiningSide::client);
}

TEST(StratumMonero, RecognisesLoginWithoutAnAgent) {
    const auto login = recognised(login_of("bob"));
    ASSERT_TRUE(login);
    EXPECT_EQ(login->software, "");
    EXPECT_EQ(login->algorithms, 0);
}

TEST(StratumMonero, LoginNamesAreReducedToTheirForm) {
    const auto form = [](const std::string& name) {
        const auto login = recognised(login_of(name));
        return login ? std::string(login->wallet) : "not recognised";
    };
    EXPECT_EQ(form(test::wallet), "monero");
    EXPECT_EQ(form(test::wallet + ".rig1"), "monero");
    EXPECT_EQ(form(test::wallet + "+5000"), "monero");
    EXPECT_EQ(form("8" + test::wallet.substr(1)), "monero") << "a subaddress";
    EXPECT_EQ(form(test::wallet + "AbCdEfGhJkL"), "monero") << "106 characters: with payment id";
    EXPECT_EQ(form(test::bitcoin_wallet), "bitcoin");
    EXPECT_EQ(form("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa.w"), "bitcoin");
    EXPECT_EQ(form("bob"), "other");
    EXPECT_EQ(form("4"), "other");
    EXPECT_EQ(form("4" + std::string(94, '0')), "other") << "0 is not base58";
    EXPECT_EQ(form(""), "none");
}

TEST(StratumMonero, CountsOnlyKnownAlgorithms) {
    const auto count = [](const std::string& algo) {
        const auto login = recognised(
            R"({"id":1,"method":"login","params":{"login":"a","pass":"b","algo":)" + algo + "}}");
        return login ? login->algorithms : -1;
    };
    EXPECT_EQ(count(R"(["rx/0"])"), 1);
    EXPECT_EQ(
        count(
            R"(["rx/0","rx/wow","rx/arq","cn/r","cn/2","cn-heavy/0","argon2/chukwa","ghostrider"])"),
        8);
    EXPECT_EQ(count(R"(["aes256","sha1","x"])"), 0);
    EXPECT_EQ(count("[]"), 0);
    EXPECT_EQ(count(R"([1,null,{},[]])"), 0);
    EXPECT_EQ(count("5"), 0);
}

TEST(StratumMonero, CountsOnlyDirectItemsOfTheAlgorithmList) {
    const auto login = recognised(R"({"id":1,"method":"login","params":{"login":"a","pass":"b",)"
                                  R"("algo":[{"a":"rx/0"},["rx/0"]]}})");
    ASSERT_TRUE(login);
    EXPECT_EQ(login->algorithms, 0);
}

TEST(StratumMonero, RecognisesAJobInTheReplyToALogin) {
    expect_message(monero::login_reply, "job", MiningSide::server);
}

TEST(StratumMonero, RecognisesAPushedJob) {
    expect_message(monero::job, "job", MiningSide::server);
}

TEST(StratumMonero, RecognisesAJobOfOldPools) {
    expect_message(R"({"jsonrpc":"2.0","method":"job","params":{"blob":")" + test::blob +
                       R"(","job_id":"1","target":"b88d0600"}})",
                   "job", MiningSide::server);
}

TEST(StratumMonero, RecognisesSubmit) {
    expect_message(monero::submit, "submit", MiningSide::client);
    expect_message(replaced(monero::submit, test::hash, "AABBCCDDEEFF" + test::hash.substr(12)),
                   "submit", MiningSide::client);
    expect_message(replaced(monero::submit, R"("nonce")",
                            R"("algo":"rx/0","commitment":")" + test::hash + R"(","nonce")"),
                   "submit", MiningSide::client);
}

TEST(StratumMonero, RecognisesKeepalived) {
    expect_message(monero::keepalived, "keepalive", MiningSide::client);
}

TEST(StratumMonero, MessagesHaveTheNamesOfTheSchema) {
    for (const std::string& text : {monero::login_new, monero::login_reply, monero::job,
                                    monero::submit, monero::keepalived}) {
        const auto found = recognised(text);
        ASSERT_TRUE(found);
        const std::string_view names = "login, job, submit, keepalive";
        EXPECT_NE(names.find(found->message), std::string_view::npos) << found->message;
    }
}

TEST(StratumMonero, IgnoresOtherLogins) {
    for (const char* text :
         {R"({"id":1,"method":"login","params":{"login":"bob"}})",
          R"({"id":1,"method":"login","params":{"pass":"x"}})",
          R"({"id":1,"method":"login","params":["bob","x"]})",
          R"({"id":1,"method":"login","params":{}})", R"({"id":1,"method":"login"})",
          R"({"id":1,"method":"login","params":null})",
          R"({"id":1,"method":"login","params":{"user":"bob","password":"x"}})",
          R"({"id":1,"method":"login","params":{"login":1,"pass":2}})",
          R"({"id":1,"method":"login","params":{"login":"bob","pass":null}})",
          R"({"id":1,"method":"login","params":{"login":["bob"],"pass":"x"}})",
          R"({"id":1,"method":"Login","params":{"login":"bob","pass":"x"}})",
          R"({"id":1,"method":"login ","params":{"login":"bob","pass":"x"}})",
          R"({"id":1,"method":"login\u0000","params":{"login":"bob","pass":"x"}})",
          R"({"id":1,"method":["login"],"params":{"login":"bob","pass":"x"}})",
          R"({"id":1,"params":{"method":"login","login":"bob","pass":"x"}})",
          R"({"id":1,"call":"login","params":{"login":"bob","pass":"x"}})",
          R"({"id":1,"method":"login","login":"bob","pass":"x"})",
          R"({"id":1,"method":"login","params.login":"bob","params.pass":"x"})",
          R"({"id":1,"data":{"method":"login","params":{"login":"bob","pass":"x"}}})"})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumMonero, KeysWithDotsAreNotParameters) {
    for (const char* text :
         {R"({"id":1,"method":"login","params":{},"params.login":"bob","params.pass":"x"})",
          R"({"id":1,"method":"login","params":{"login":"bob"},"params.pass":"x"})",
          R"({"id":1,"method":"keepalived","params":{},"params.id":"x"})"})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumMonero, IgnoresOtherJobs) {
    for (const std::string& text :
         {std::string(R"({"id":1,"method":"job","params":{"name":"backup"}})"),
          std::string(R"({"id":1,"method":"job","params":{"blob":"x","job_id":"1","target":"y"}})"),
          std::string(R"({"result":{"id":"1","job":{"name":"backup"}}})"),
          std::string(R"({"result":{"job":{"job_id":"1"}},"id":1})"),
          std::string(R"({"id":1,"result":{"status":"OK"},"error":null})"),
          replaced(monero::job, test::blob, test::blob + "zz"),
          replaced(monero::job, test::blob, ""), replaced(monero::job, test::blob, "abcd"),
          replaced(monero::job, "b88d0600", "hello!!!"), replaced(monero::job, "b88d0600", ""),
          replaced(monero::job, "\"blob\"", "\"blog\""),
          replaced(monero::job, "\"target\"", "\"goal\""),
          replaced(monero::job, "\"job_id\"", "\"jobid\"")})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumMonero, IgnoresSubmitsOfWrongLength) {
    for (const std::string& text :
         {replaced(monero::submit, "d0030040", "d00300"), replaced(monero::submit, "d0030040", ""),
          replaced(monero::submit, "d0030040", "d00300400000"),
          replaced(monero::submit, "d0030040", "nothex!!"),
          replaced(monero::submit, test::hash, test::hash.substr(2)),
          replaced(monero::submit, test::hash, test::hash + "00"),
          replaced(monero::submit, test::hash, "zz" + test::hash.substr(2)),
          replaced(monero::submit, R"("nonce":"d0030040")", R"("nonce":12345678)"),
          replaced(monero::submit, "\"job_id\"", "\"job\""),
          std::string(R"({"id":1,"method":"submit","params":{"form":"contact"}})"),
          std::string(R"({"id":1,"method":"submit","params":["a","b"]})")})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumMonero, IgnoresOtherKeepalives) {
    for (const char* text :
         {R"({"id":1,"method":"keepalived"})", R"({"id":1,"method":"keepalived","params":{}})",
          R"({"id":1,"method":"keepalived","params":[]})",
          R"({"id":1,"method":"keepalived","params":{"id":5}})",
          R"({"id":1,"method":"keepalive","params":{"id":"x"}})"})
        EXPECT_FALSE(recognised(text)) << text;
}

TEST(StratumMonero, IgnoresTheOtherDialect) {
    for (const std::string& text :
         {test::bitcoin::subscribe, test::bitcoin::authorize, test::bitcoin::submit,
          test::bitcoin::notify, test::bitcoin::set_difficulty, test::bitcoin::subscribe_reply})
        EXPECT_FALSE(recognised(text)) << text;
}

} // namespace
} // namespace minewarden::rules
