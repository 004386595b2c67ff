// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/speak/conversation.h"

#include <fmt/core.h>

#include <array>

/// Sources: the specifications NiceHash EthereumStratum 1.0.0, EIP-1571, ZIP 301, BIP 22, Grin's
/// stratum.md and Stratum V2; the messages of xmrig, ethminer, cpuminer-opt, ironfish and
/// webminerpool. All values are random.
namespace minewarden::lab {
namespace {

const std::string ok = "{\"id\":9,\"jsonrpc\":\"2.0\",\"result\":true,\"error\":null}\n";

std::string hash() {
    return hex_digits(64);
}

/// The target for a difficulty of four thousand million.
std::string target() {
    return "00000000" + hex_digits(56);
}
std::string worker() {
    return "0x" + hex_digits(40);
}

Conversation monero() {
    return {
        {true,
         fmt::format(
             R"({{"id":1,"jsonrpc":"2.0","method":"login","params":{{"login":"{}","pass":"x","agent":"lab/1.0","algo":["rx/0"]}}}})"
             "\n",
             "w" + hex_digits(40))},
        {false,
         fmt::format(
             R"({{"id":1,"jsonrpc":"2.0","error":null,"result":{{"id":"{}","job":{{"blob":"{}","job_id":"{}","target":"b88d0600","height":9,"seed_hash":"{}","algo":"rx/0"}},"status":"OK"}}}})"
             "\n",
             hex_digits(16), hex_digits(152), hex_digits(16), hash())},
        {true,
         fmt::format(
             R"({{"id":2,"jsonrpc":"2.0","method":"submit","params":{{"id":"{}","job_id":"{}","nonce":"{}","result":"{}"}}}})"
             "\n",
             hex_digits(16), hex_digits(16), hex_digits(8), hash())},
        {false, ok}};
}

Conversation ethereum_stratum_1() {
    return {
        {true, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"lab/"
               "1.0\",\"EthereumStratum/1.0.0\"]}\n"},
        {false, fmt::format("{{\"id\":1,\"result\":[[\"mining.notify\",\"{}\",\"EthereumStratum/"
                            "1.0.0\"],\"{}\"],\"error\":null}}\n",
                            hex_digits(32), hex_digits(4))},
        {true,
         fmt::format("{{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{}.rig\",\"x\"]}}\n",
                     worker())},
        {false, "{\"id\":2,\"result\":true,\"error\":null}\n{\"id\":null,\"method\":\"mining.set_"
                "difficulty\",\"params\":[0.5]}\n"},
        {false, fmt::format("{{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"{}\",\"{}\","
                            "\"{}\",true]}}\n",
                            hex_digits(8), hash(), hash())},
        {true,
         fmt::format(
             "{{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"{}.rig\",\"{}\",\"{}\"]}}\n",
             worker(), hex_digits(8), hex_digits(12))},
        {false, ok}};
}

Conversation ethereum_stratum_2() {
    return {
        {true,
         "{\"id\":0,\"method\":\"mining.hello\",\"params\":{\"agent\":\"lab/"
         "1.0\",\"host\":\"pool.test\",\"port\":\"d05\",\"proto\":\"EthereumStratum/2.0.0\"}}\n"},
        {false, "{\"id\":0,\"result\":{\"proto\":\"EthereumStratum/"
                "2.0.0\",\"encoding\":\"plain\",\"resume\":\"0\",\"timeout\":\"b4\",\"maxerrors\":"
                "\"5\",\"node\":\"lab/v1\"}}\n"},
        {true, "{\"id\":1,\"method\":\"mining.subscribe\"}\n"},
        {false, "{\"id\":1,\"result\":\"s-12345\"}\n"},
        {true,
         fmt::format("{{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{}.rig\",\"x\"]}}\n",
                     worker())},
        {false,
         fmt::format(
             "{{\"id\":2,\"result\":\"w-1\"}}\n{{\"method\":\"mining.set\",\"params\":{{\"epoch\":"
             "\"dc\",\"target\":\"{}\",\"algo\":\"ethash\",\"extranonce\":\"{}\"}}}}\n",
             hex_digits(58), hex_digits(4))},
        {false,
         fmt::format("{{\"method\":\"mining.notify\",\"params\":[\"{}\",\"{}\",\"{}\",\"1\"]}}\n",
                     hex_digits(8), hex_digits(6), hash())},
        {true,
         fmt::format(
             "{{\"id\":31,\"method\":\"mining.submit\",\"params\":[\"{}\",\"{}\",\"w-1\"]}}\n",
             hex_digits(8), hex_digits(12))},
        {false, "{\"id\":31}\n"}};
}

Conversation eth_proxy() {
    Conversation made{{true, fmt::format("{{\"worker\":\"rig\",\"jsonrpc\":\"2.0\",\"params\":[\"{}"
                                         "\",\"x\"],\"id\":2,\"method\":\"eth_submitLogin\"}}\n",
                                         worker())},
                      {false, "{\"id\":2,\"jsonrpc\":\"2.0\",\"result\":true}\n"}};
    for (int i = 0; i < 2; ++i) {
        made.push_back({true, "{\"worker\":\"\",\"jsonrpc\":\"2.0\",\"params\":[],\"id\":3,"
                              "\"method\":\"eth_getWork\"}\n"});
        made.push_back(
            {false,
             fmt::format(
                 "{{\"id\":3,\"jsonrpc\":\"2.0\",\"result\":[\"0x{}\",\"0x{}\",\"0x{}\"]}}\n",
                 hash(), hash(), target())});
    }
    made.push_back(
        {true, fmt::format("{{\"id\":4,\"worker\":\"rig\",\"jsonrpc\":\"2.0\",\"method\":\"eth_"
                           "submitWork\",\"params\":[\"0x{}\",\"0x{}\",\"0x{}\"]}}\n",
                           hex_digits(16), hash(), hash())});
    made.push_back({false, ok});
    return made;
}

Conversation kawpow() {
    return {
        {true, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"lab/1.0\"]}\n"},
        {false,
         fmt::format("{{\"id\":1,\"result\":[null,\"{}\"],\"error\":null}}\n", hex_digits(4))},
        {true, "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"R.rig\",\"x\"]}\n"},
        {false,
         ok + fmt::format("{{\"id\":null,\"method\":\"mining.set_target\",\"params\":[\"{}\"]}}\n",
                          hash())},
        {false, fmt::format("{{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"{}\",\"{}\","
                            "\"{}\",\"{}\",true,2600000,\"1b00f1fe\"]}}\n",
                            hex_digits(4), hash(), hash(), hash())},
        {true, fmt::format("{{\"id\":3,\"method\":\"mining.submit\",\"params\":[\"R.rig\",\"{}\","
                           "\"0x{}\",\"0x{}\",\"0x{}\"]}}\n",
                           hex_digits(4), hex_digits(16), hash(), hash())},
        {false, ok}};
}

Conversation beam() {
    return {
        {true, fmt::format("{{\"id\":\"login\",\"method\":\"login\",\"api_key\":\"{}.rig\","
                           "\"jsonrpc\":\"2.0\"}}\n",
                           hash())},
        {false, fmt::format("{{\"code\":0,\"description\":\"Login successful\",\"id\":\"login\","
                            "\"jsonrpc\":\"2.0\",\"method\":\"result\",\"nonceprefix\":\"{}\"}}\n",
                            hex_digits(4))},
        {false,
         fmt::format("{{\"difficulty\":113830,\"height\":54,\"id\":\"4711\",\"input\":\"{}\","
                     "\"jsonrpc\":\"2.0\",\"method\":\"job\"}}\n",
                     hash())},
        {true, fmt::format("{{\"id\":\"4711\",\"method\":\"solution\",\"nonce\":\"{}\",\"output\":"
                           "\"{}\",\"jsonrpc\":\"2.0\"}}\n",
                           hex_digits(16), hex_digits(208))},
        {false, "{\"code\":1,\"description\":\"accepted\",\"id\":\"4711\",\"jsonrpc\":\"2.0\","
                "\"method\":\"result\"}\n"}};
}

Conversation grin() {
    const auto job = [] {
        return fmt::format(R"({{"difficulty":1,"height":16375,"job_id":5,"pre_pow":"0001{}"}})",
                           hex_digits(472));
    };
    std::string cycle;
    for (int edge = 0; edge < 42; ++edge)
        cycle += fmt::format("{}{}", edge == 0 ? "" : ",", 4210040 + edge * 12345678);
    return {
        {true, R"({"id":"1","jsonrpc":"2.0","method":"login","params":{"login":"rig","pass":"x",)"
               R"("agent":"lab-miner"}})"
               "\n"},
        {false, "{\"id\":\"1\",\"jsonrpc\":\"2.0\",\"method\":\"login\",\"result\":\"ok\","
                "\"error\":null}\n"},
        {true,
         "{\"id\":\"2\",\"jsonrpc\":\"2.0\",\"method\":\"getjobtemplate\",\"params\":null}\n"},
        {false, R"({"id":"2","jsonrpc":"2.0","method":"getjobtemplate","result":)" + job() + "}\n"},
        {false, R"({"id":"Stratum","jsonrpc":"2.0","method":"job","params":)" + job() + "}\n"},
        {true,
         fmt::format(R"({{"id":"3","jsonrpc":"2.0","method":"submit","params":{{"edge_bits":32,)"
                     R"("height":16375,"job_id":5,"nonce":8895699060858340771,"pow":[{}]}}}})"
                     "\n",
                     cycle)},
        {false, "{\"id\":\"3\",\"jsonrpc\":\"2.0\",\"method\":\"submit\",\"result\":\"ok\","
                "\"error\":null}\n"}};
}

Conversation iron_fish() {
    return {
        {true,
         fmt::format(R"({{"id":0,"method":"mining.subscribe","body":{{"version":2,"name":"rig",)"
                     R"("publicAddress":"{}"}}}})"
                     "\n",
                     hash())},
        {false, "{\"id\":1,\"method\":\"mining.subscribed\",\"body\":{\"clientId\":7}}\n"},
        {false, fmt::format(R"({{"id":2,"method":"mining.set_target","body":{{"target":"{}"}}}})"
                            "\n",
                            target())},
        {false, fmt::format(R"({{"id":3,"method":"mining.notify","body":{{"miningRequestId":1,)"
                            R"("header":"{}"}}}})"
                            "\n",
                            hex_digits(360))},
        {true, fmt::format(R"({{"id":4,"method":"mining.submit","body":{{"miningRequestId":1,)"
                           R"("randomness":"{}"}}}})"
                           "\n",
                           hex_digits(16))},
        {false,
         "{\"id\":4,\"method\":\"mining.submitted\",\"body\":{\"id\":4,\"result\":true}}\n"}};
}

/// The low bytes of a number, little-endian.
std::string number(std::uint64_t value, int bytes) {
    std::string made;
    for (int i = 0; i < bytes; ++i) made += static_cast<char>(value >> (8 * i) & 0xffU);
    return made;
}
std::string short_text(std::string_view value) {
    return number(value.size(), 1) + std::string(value);
}
std::string frame(std::uint8_t type, const std::string& payload) {
    return number(0, 2) + number(type, 1) + number(payload.size(), 3) + payload;
}
/// A frame of a channel: the top bit of the extension is set.
std::string channel_frame(std::uint8_t type, const std::string& payload) {
    return number(0x8000, 2) + frame(type, payload).substr(2);
}

/// Unencrypted frames (specification at stratumprotocol.org, 3.2 and 5.3).
Conversation stratum_v2() {
    const std::string all_ones(32, '\xff');
    return {
        {true, frame(0x00, number(0, 1) + number(2, 2) + number(2, 2) + number(1, 4) +
                               short_text("127.0.0.1") + number(34254, 2) + short_text("lab") +
                               short_text("") + short_text("1.0") + short_text(""))},
        {false, frame(0x01, number(2, 2) + number(0, 4))},
        {true,
         frame(0x10, number(1, 4) + short_text("lab.rig") + number(0x4b000000, 4) + all_ones)},
        {false,
         frame(0x11,
               number(1, 4) + number(1, 4) + all_ones + short_text(hex_digits(4)) + number(0, 4)) +
             channel_frame(0x15, number(1, 4) + number(1, 4) + number(0, 1) +
                                     number(0x20000000, 4) + hex_digits(32)) +
             channel_frame(0x20, number(1, 4) + number(1, 4) + hex_digits(24) + number(0, 8) +
                                     number(1700000000, 4) + number(0x17053894, 4))},
        {true, channel_frame(0x1a, number(1, 4) + number(1, 4) + number(1, 4) + hex_digits(4) +
                                       number(1700000001, 4) + number(0x20000000, 4))},
        {false, channel_frame(0x1c, number(1, 4) + number(1, 4) + number(1, 4) + number(8, 8))}};
}

Conversation zcash() {
    return {
        {true, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"lab/"
               "1.0\",null,\"pool.test\",\"3333\"]}\n"},
        {false,
         fmt::format("{{\"id\":1,\"result\":[null,\"{}\"],\"error\":null}}\n", hex_digits(8))},
        {true, "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"t1lab.rig\",\"x\"]}\n"},
        {false,
         ok + fmt::format("{{\"id\":null,\"method\":\"mining.set_target\",\"params\":[\"{}\"]}}\n",
                          hash())},
        {false, fmt::format("{{\"id\":null,\"method\":\"mining.notify\",\"params\":[\"{}\","
                            "\"04000000\",\"{}\",\"{}\",\"{}\",\"{}\",\"{}\",true]}}\n",
                            hex_digits(4), hash(), hash(), hash(), hex_digits(8), hex_digits(8))},
        {true, fmt::format("{{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"t1lab.rig\",\"{}"
                           "\",\"{}\",\"{}\",\"fd4005{}\"]}}\n",
                           hex_digits(4), hex_digits(8), hex_digits(56), hex_digits(2688))},
        {false, ok}};
}

Conversation browser() {
    return {
        {true, fmt::format("{{\"type\":\"auth\",\"params\":{{\"site_key\":\"{}\",\"type\":"
                           "\"anonymous\",\"user\":null,\"goal\":0}}}}",
                           hex_digits(32))},
        {false, fmt::format("{{\"type\":\"authed\",\"params\":{{\"token\":\"{}\",\"hashes\":0}}}}",
                            hex_digits(8))},
        {false, fmt::format("{{\"type\":\"job\",\"params\":{{\"job_id\":\"{}\",\"blob\":\"{}\","
                            "\"target\":\"ffffff00\"}}}}",
                            hex_digits(16), hex_digits(152))},
        {true, fmt::format("{{\"type\":\"submit\",\"params\":{{\"version\":7,\"job_id\":\"{}\","
                           "\"nonce\":\"{}\",\"result\":\"{}\"}}}}",
                           hex_digits(16), hex_digits(8), hash())},
        {false, "{\"type\":\"hash_accepted\",\"params\":{\"hashes\":256}}"}};
}

Conversation webminerpool() {
    return {
        {true, fmt::format(R"({{"identifier":"handshake","pool":"pool.test","login":"{}",)"
                           R"("password":"x","userid":"","version":7}})",
                           hex_digits(32))},
        {false, fmt::format(R"({{"identifier":"job","job_id":"{}","algo":"cn","variant":1,)"
                            R"("blob":"{}","target":"ffffff00"}})",
                            hex_digits(16), hex_digits(152))},
        {true, fmt::format(R"({{"identifier":"solved","job_id":"{}","nonce":"{}","result":"{}"}})",
                           hex_digits(16), hex_digits(8), hash())},
        {false, R"({"identifier":"hashsolved"})"}};
}

Conversation polled(int times, const std::string& request, const std::string& reply,
                    const std::string& submit) {
    Conversation made;
    for (int i = 0; i < times; ++i) {
        made.push_back({true, request});
        made.push_back({false, reply});
    }
    made.push_back({true, submit});
    made.push_back({false, http_answer(R"({"id":1,"result":null,"error":null})")});
    return made;
}

Conversation getwork() {
    const std::string fields = "X-Mining-Extensions: longpoll reject-reason\r\n";
    return polled(
        2, http_post(R"({"method": "getwork", "params": [], "id":0})", fields),
        http_answer(fmt::format(R"({{"result":{{"data":"{}","target":"{}"}},"error":null,"id":0}})",
                                hex_digits(256), hash())),
        http_post(
            fmt::format(R"({{"method": "getwork", "params": [ "{}" ], "id":1}})", hex_digits(256)),
            fields));
}

Conversation block_template() {
    return polled(
        4, http_post(R"({"method":"getblocktemplate","params":[{"rules":["segwit"]}],"id":0})"),
        http_answer(fmt::format(
            R"({{"result":{{"version":536870912,"previousblockhash":"{}","transactions":[],"coinbasevalue":312500000,"bits":"1d00ffff","height":900000}},"error":null,"id":0}})",
            hash())),
        http_post(fmt::format(R"({{"method":"submitblock","params":["00000020{}"],"id":1}})",
                              hex_digits(500))));
}

Conversation eth_getwork() {
    return polled(
        4, http_post(R"({"jsonrpc":"2.0","id":1,"method":"eth_getWork","params":[]})"),
        http_answer(fmt::format(R"({{"jsonrpc":"2.0","id":1,"result":["0x{}","0x{}","0x{}"]}})",
                                hash(), hash(), target())),
        http_post(fmt::format(
            R"({{"jsonrpc":"2.0","id":2,"method":"eth_submitWork","params":["0x{}","0x{}","0x{}"]}})",
            hex_digits(16), hash(), hash())));
}

Conversation monero_daemon() {
    Conversation made{{true, "GET /getheight HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"},
                      {false, http_answer(R"({"height":3000000,"status":"OK"})")}};
    const auto rest = polled(
        2,
        http_post(
            fmt::format(
                R"({{"id":1,"jsonrpc":"2.0","method":"getblocktemplate","params":{{"wallet_address":"{}","extra_nonce":"00"}}}})",
                hex_digits(95)),
            "", "/json_rpc"),
        http_answer(fmt::format(
            R"({{"id":1,"jsonrpc":"2.0","result":{{"blocktemplate_blob":"1010{}","blockhashing_blob":"1010{}","difficulty":1,"height":3000000,"status":"OK"}}}})",
            hex_digits(400), hex_digits(148))),
        http_post(
            fmt::format(
                R"({{"id":2,"jsonrpc":"2.0","method":"submitblock","params":["1010f8aabbcc06{}"]}})",
                hex_digits(400)),
            "X-Hash-Difficulty: 120001\r\n", "/json_rpc"));
    made.insert(made.end(), rest.begin(), rest.end());
    return made;
}

constexpr std::array<Topic, 16> topics{{{"monero", monero},
                                        {"ethereumstratum-1", ethereum_stratum_1},
                                        {"ethereumstratum-2", ethereum_stratum_2},
                                        {"eth-proxy", eth_proxy},
                                        {"kawpow", kawpow},
                                        {"zcash", zcash},
                                        {"beam", beam},
                                        {"grin", grin},
                                        {"iron-fish", iron_fish},
                                        {"stratum-v2", stratum_v2},
                                        {"browser", browser},
                                        {"webminerpool", webminerpool},
                                        {"getwork", getwork},
                                        {"getblocktemplate", block_template},
                                        {"eth-getwork", eth_getwork},
                                        {"monero-daemon", monero_daemon}}};

} // namespace

std::span<const Topic> pool_topics() {
    return topics;
}

} // namespace minewarden::lab
