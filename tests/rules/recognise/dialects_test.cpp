// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/mining_message.h"
#include "tests/rules/support/dialects.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

/// Protocols other than Monero's and Bitcoin's, and messages that look similar.
namespace minewarden::rules {
namespace {

using enum MiningProtocol;
using enum MiningSide;

struct Case {
    std::string text;
    MiningProtocol protocol;
    std::string_view message;
    MiningSide sender;
};

const std::vector<Case> lines{
    {test::nicehash::subscribe, ethereum_stratum_1, "subscribe", client},
    {test::nicehash::subscribe_reply, ethereum_stratum_1, "notify", server},
    {test::nicehash::notify, ethereum_stratum_1, "notify", server},
    {test::nicehash::submit, ethereum_stratum_1, "submit", client},
    {test::stratum_2::hello, ethereum_stratum_2, "hello", client},
    {test::stratum_2::hello_reply, ethereum_stratum_2, "hello", server},
    {test::stratum_2::set, ethereum_stratum_2, "set", server},
    {test::stratum_2::notify, ethereum_stratum_2, "notify", server},
    {test::stratum_2::submit, ethereum_stratum_2, "submit", client},
    {test::eth_proxy::login, eth_proxy, "login", client},
    {test::eth_proxy::get_work, eth_proxy, "get_work", client},
    {test::eth_proxy::work, eth_proxy, "work", server},
    {test::eth_proxy::submit, eth_proxy, "submit", client},
    {test::kawpow::notify, kawpow, "notify", server},
    {test::kawpow::submit, kawpow, "submit", client},
    {test::zcash::subscribe, zcash, "subscribe", client},
    {test::zcash::set_target, zcash, "set_target", server},
    {test::zcash::notify, zcash, "notify", server},
    {test::zcash::submit, zcash, "submit", client},
    {test::beam::login, beam, "login", client},
    {test::beam::job, beam, "job", server},
    {test::beam::submit, beam, "submit", client},
    {test::grin::ask, grin, "get_work", client},
    {test::grin::answer, grin, "job", server},
    {test::grin::job, grin, "job", server},
    {test::grin::submit(42), grin, "submit", client},
    {test::grin::epic_ask, grin, "get_work", client},
    {test::grin::epic_job, grin, "job", server},
    {test::grin::submit_with(R"({"ProgPow":)" + test::grin::numbers(32) + "}"), grin, "submit",
     client},
    {test::grin::submit_with(R"({"RandomX":)" + test::grin::numbers(32) + "}"), grin, "submit",
     client},
    {test::grin::submit_with(R"({"Cuckoo":[31,)" + test::grin::numbers(42) + "]}"), grin, "submit",
     client},
    {test::iron_fish::subscribe, iron_fish, "subscribe", client},
    {test::iron_fish::subscribe_worker, iron_fish, "subscribe", client},
    {test::iron_fish::subscribe_old, iron_fish, "subscribe", client},
    {test::iron_fish::subscribed, iron_fish, "subscribe", server},
    {test::iron_fish::set_target, iron_fish, "set_target", server},
    {test::iron_fish::notify, iron_fish, "notify", server},
    {test::iron_fish::submit, iron_fish, "submit", client},
    {test::iron_fish::submit_old, iron_fish, "submit", client},
    {test::webminerpool::handshake, browser, "login", client},
    {test::webminerpool::handshake_by_id, browser, "login", client},
    {test::webminerpool::handshake_short, browser, "login", client},
    {test::webminerpool::job, browser, "job", server},
    {test::webminerpool::solved, browser, "submit", client},
    {test::browser::login, browser, "login", client},
    {test::browser::job, browser, "job", server},
    {test::browser::submit, browser, "submit", client},
    {test::bitcoin::submit, bitcoin, "submit", client},
    {test::bitcoin::notify, bitcoin, "notify", server},
    {test::monero::submit, monero, "submit", client},
};

const std::vector<Case> calls{
    {test::node::getwork, getwork, "get_work", client},
    {test::node::getwork_reply, getwork, "work", server},
    {test::node::getwork_submit, getwork, "submit", client},
    {test::node::block_template, block_template, "get_work", client},
    {test::node::block_template_reply, block_template, "work", server},
    {test::node::submit_block, block_template, "submit", client},
    {test::node::monero_template, monero_daemon, "get_work", client},
    {test::node::monero_template_reply, monero_daemon, "work", server},
    {test::node::monero_submit, monero_daemon, "submit", client},
    {test::eth_proxy::get_work, eth_getwork, "get_work", client},
    {test::eth_proxy::work, eth_getwork, "work", server},
    {test::eth_proxy::submit, eth_getwork, "submit", client},
};

template <typename Recognise>
void expect(const Case& one, const std::string& text, Recognise recognise) {
    const auto line = JsonLine::parse(text);
    ASSERT_TRUE(line) << text;
    const auto found = recognise(*line);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(to_string(found->protocol), to_string(one.protocol)) << text;
    EXPECT_EQ(found->message, one.message) << text;
    EXPECT_EQ(found->sender, one.sender) << text;
}

/// The same object with its keys in reverse order, and with spaces.
std::string turned(const std::string& text, int indent) {
    const auto parsed = nlohmann::ordered_json::parse(text);
    std::vector<std::pair<std::string, nlohmann::ordered_json>> members;
    for (const auto& [key, value] : parsed.items()) members.emplace_back(key, value);
    std::ranges::reverse(members);
    nlohmann::ordered_json made;
    for (const auto& [key, value] : members) made[key] = value;
    return made.dump(indent);
}

template <typename Recognise>
void expect_in_any_form(const Case& one, Recognise recognise) {
    expect(one, one.text, recognise);
    expect(one, turned(one.text, -1), recognise);
    expect(one, turned(one.text, 2), recognise);
}

TEST(Dialects, RecognisesLinesInAnyKeyOrderAndSpacing) {
    for (const Case& one : lines) expect_in_any_form(one, recognise_line);
}

TEST(Dialects, RecognisesCallsInAnyKeyOrderAndSpacing) {
    for (const Case& one : calls) expect_in_any_form(one, recognise_work_call);
}

TEST(Dialects, HaveTheNamesOfTheSchema) {
    for (int i = 0; i <= static_cast<int>(monero_daemon); ++i)
        EXPECT_FALSE(to_string(static_cast<MiningProtocol>(i)).empty());
    EXPECT_EQ(to_string(monero_daemon), "monero-daemon");
}

TEST(Dialects, GiveSoftwareAndFormOfWallet) {
    EXPECT_EQ(recognise_line(*JsonLine::parse(test::nicehash::subscribe))->software, "ethminer");
    EXPECT_EQ(recognise_line(*JsonLine::parse(test::stratum_2::hello))->software, "ethminer");
    EXPECT_EQ(recognise_line(*JsonLine::parse(test::zcash::subscribe))->software, "EWBF");
    EXPECT_EQ(recognise_line(*JsonLine::parse(test::eth_proxy::login))->wallet, "ethereum");
    EXPECT_EQ(recognise_line(*JsonLine::parse(test::webminerpool::handshake))->wallet, "monero");
    EXPECT_EQ(recognise_line(*JsonLine::parse(test::iron_fish::subscribe))->software, "lab");
    EXPECT_EQ(recognise_line(*JsonLine::parse(test::iron_fish::subscribe_old))->wallet, "none");
    EXPECT_EQ(recognise_work_call(*JsonLine::parse(test::node::monero_template))->wallet, "monero");
}

TEST(Dialects, AConnectionHasItsMostSpecificProtocol) {
    EXPECT_EQ(narrower_protocol(bitcoin, zcash), zcash);
    EXPECT_EQ(narrower_protocol(zcash, bitcoin), zcash);
    EXPECT_EQ(narrower_protocol(monero, grin), grin);
    EXPECT_EQ(narrower_protocol(grin, monero), grin);
    EXPECT_EQ(narrower_protocol(monero, bitcoin), monero);
}

/// Removes one character from every text of fixed length; the result must not be recognised.
TEST(Dialects, RefusesWrongLengths) {
    for (const std::string& whole :
         {test::nicehash::notify, test::stratum_2::notify, test::kawpow::notify,
          test::zcash::set_target, test::zcash::notify, test::browser::submit,
          test::eth_proxy::work, test::eth_proxy::submit, test::iron_fish::set_target,
          test::iron_fish::submit, test::webminerpool::solved}) {
        std::string text = whole;
        const std::size_t at = text.find(test::hash);
        const std::size_t digits = at == text.npos ? text.find("d0030040") : at;
        ASSERT_NE(digits, text.npos) << text;
        text.erase(digits, 1);
        const auto line = JsonLine::parse(text);
        ASSERT_TRUE(line) << text;
        EXPECT_FALSE(recognise_line(*line)) << text;
    }
}

TEST(Dialects, IgnoresWalletsMonitoringAndOtherServices) {
    for (
        const char* text : {
            R"({"jsonrpc":"2.0","method":"eth_blockNumber","params":[],"id":1})",
            R"({"jsonrpc":"2.0","method":"eth_getBalance","params":["0x00112233445566778899aabbccddeeff00112233","latest"],"id":1})",
            R"({"jsonrpc":"2.0","method":"eth_sendRawTransaction","params":["0xf86c"],"id":1})",
            R"({"jsonrpc":"2.0","method":"eth_mining","params":[],"id":1})",
            R"({"jsonrpc":"2.0","method":"eth_hashrate","params":[],"id":1})",
            R"({"jsonrpc":"2.0","method":"eth_submitWork","params":["0x1","0x2","0x3"],"id":1})",
            R"({"jsonrpc":"2.0","method":"eth_getWork"})",
            R"({"jsonrpc":"2.0","method":"eth_submitLogin","params":{"user":"x"},"id":1})",
            R"({"jsonrpc":"1.0","method":"getblockcount","params":[],"id":1})",
            R"({"jsonrpc":"1.0","method":"getblockchaininfo","params":[],"id":1})",
            R"({"jsonrpc":"1.0","method":"getmininginfo","params":[],"id":1})",
            R"({"jsonrpc":"1.0","method":"sendrawtransaction","params":["0200"],"id":1})",
            R"({"jsonrpc":"1.0","method":"submitblock","params":["00"],"id":1})",
            R"({"jsonrpc":"1.0","method":"getwork","params":["00"],"id":1})",
            R"({"method":"getwork","params":{"queue":"builds"},"id":1})",
            R"({"method":"getblocktemplate","params":["name"],"id":1})",
            R"({"jsonrpc":"2.0","method":"get_info","params":{},"id":1})",
            R"({"jsonrpc":"2.0","method":"get_balance","params":{"account_index":0},"id":1})",
            R"({"method":"mining.submit","params":["a","b","c"],"id":1})",
            R"({"method":"mining.hello","params":{"proto":"other"},"id":1})",
            R"({"method":"mining.set","params":{"target":"x"}})",
            R"({"method":"mining.set_target","params":["today"]})",
            R"({"type":"job","params":{"job_id":"7","blob":"x","target":"y"}})",
            R"({"type":"submit","params":{"job_id":"7","nonce":"1","result":"ok"}})",
            R"({"type":"auth","params":{"token":"x","type":"user"}})",
            R"({"id":"1","method":"login","api_key":7})",
            R"({"id":"1","method":"login","params":{"api_key":"x"}})",
            R"({"id":"1","method":"job","input":"cook","difficulty":1,"height":2})",
            R"({"id":"1","method":"solution","nonce":"1","output":"42"})",
            R"({"id":"1","jsonrpc":"2.0","method":"getjobtemplate","params":{"queue":"builds"}})",
            R"({"id":"1","method":"getjobtemplate","params":null})",
            R"({"id":"1","jsonrpc":"2.0","method":"getjobtemplate","result":null})",
            R"({"id":"1","jsonrpc":"2.0","method":"getjobtemplate","params":{"algorithm":"sort"}})",
            R"({"id":"1","jsonrpc":"2.0","method":"getjobtemplate","error":{"code":-32500}})",
            R"({"id":"1","jsonrpc":"2.0","method":"job","params":{"difficulty":1,"height":2,"job_id":3}})",
            R"({"id":"1","jsonrpc":"2.0","method":"job","params":{"difficulty":1,"height":2,"job_id":3,"pre_pow":"00"}})",
            R"({"id":1,"method":"mining.subscribe","body":{"topic":"gold"}})",
            R"({"id":1,"method":"mining.subscribe","body":"graffiti"})",
            R"({"id":1,"method":"mining.subscribed","body":{"clientId":"x"}})",
            R"({"id":1,"method":"mining.notify","body":{"miningRequestId":1,"header":"Title"}})",
            R"({"id":1,"method":"mining.submit","body":{"miningRequestId":1,"randomness":"yes"}})",
            R"({"identifier":"handshake","login":"bob","password":"x"})",
            R"({"identifier":"handshake","pool":"main","login":"app","password":"x"})",
            R"({"identifier":"handshake","userid":"u","version":3})",
            R"({"id":1,"method":"mining.subscribe","body":{"publicAddress":"Main Street 1"}})",
            R"({"identifier":"job","job_id":"7","blob":"x","target":"y"})",
            R"({"identifier":"solved","job_id":"7","nonce":"1","result":"42"})",
            R"({"type":"chat","method":"submit","params":{"text":"hello"}})",
            R"({"id":1,"result":["a","b","c"]})",
            R"({"id":1,"result":{"data":"aGVsbG8=","target":"_blank"}})",
            R"({"id":1,"result":{"height":7,"bits":"x","transactions":[]}})",
        }) {
        const auto line = JsonLine::parse(text);
        ASSERT_TRUE(line) << text;
        EXPECT_FALSE(recognise_line(*line)) << text;
        EXPECT_FALSE(recognise_work_call(*line)) << text;
    }
}

TEST(Dialects, AcceptsOnlyCycleLengthsOfKnownCoins) {
    for (const int edges : {32, 40, 42, 48})
        EXPECT_TRUE(recognise_line(*JsonLine::parse(test::grin::submit(edges)))) << edges;
    for (const int edges : {1, 31, 41, 43, 84})
        EXPECT_FALSE(recognise_line(*JsonLine::parse(test::grin::submit(edges)))) << edges;
}

TEST(Dialects, AGrinJobRequestHasNoFieldsOrAnAlgorithm) {
    for (const char* parameters : {R"("params":null)", R"("params":[])", R"("params":{})",
                                   R"("params":{"algorithm":"randomx"})", R"("x":1)"}) {
        const std::string text = R"({"id":"2","jsonrpc":"2.0","method":"getjobtemplate",)" +
                                 std::string(parameters) + "}";
        EXPECT_TRUE(recognise_line(*JsonLine::parse(text))) << text;
    }
}

// The answer of eth_getFilterChanges has no target.
TEST(Dialects, AListOfHashesIsNotWork) {
    const std::string quoted = "\"0x" + test::hash + "\"";
    const std::string text =
        R"({"jsonrpc":"2.0","id":1,"result":[)" + quoted + "," + quoted + "," + quoted + "]}";
    const auto line = JsonLine::parse(text);
    ASSERT_TRUE(line) << text;
    EXPECT_FALSE(recognise_line(*line));
    EXPECT_FALSE(recognise_work_call(*line));
}

TEST(Dialects, LinesOfPoolsAreNotCallsOfNodes) {
    for (const Case& one : lines) {
        if (one.protocol == eth_proxy) continue; // the same calls, over HTTP
        EXPECT_FALSE(recognise_work_call(*JsonLine::parse(one.text))) << one.text;
    }
}

} // namespace
} // namespace minewarden::rules
