// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/random.h"
#include "tests/lab/speak/conversation.h"

#include <array>

namespace minewarden::lab {
namespace {

using namespace std::string_literals;

/// A page about Stratum, with whole messages on lines of their own.
Conversation web_page() {
    return {{true, "GET /stratum.html HTTP/1.1\r\nHost: docs.test\r\n\r\n"},
            {false,
             http_answer("<html><pre>\n{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n"
                         "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"a\",\"b\"]}\n"
                         "</pre></html>\n",
                         "text/html")}};
}

/// For use in a WebSocket.
Conversation chat() {
    return {
        {true, R"({"type":"auth","method":"login","params":{"token":"x","type":"user"}})"},
        {false, R"({"type":"job","method":"job","params":{"job_id":"7","blob":"x","target":"y"}})"},
        {true,
         R"({"type":"submit","method":"submit","params":{"job_id":"7","nonce":"1","result":"ok"}})"}};
}

Conversation wallet() {
    Conversation made;
    for (const char* call :
         {R"({"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]})",
          R"({"jsonrpc":"2.0","id":2,"method":"eth_getBalance","params":["0x00","latest"]})",
          R"({"jsonrpc":"1.0","id":3,"method":"getblockchaininfo","params":[]})",
          R"({"jsonrpc":"1.0","id":4,"method":"getmininginfo","params":[]})",
          R"({"jsonrpc":"2.0","id":5,"method":"get_info","params":{}})"}) {
        made.push_back({true, http_post(call)});
        made.push_back(
            {false, http_answer(R"({"id":1,"result":{"blocks":900000,"chain":"main"}})")});
    }
    return made;
}

/// Monitoring of a node that fetches a template once.
Conversation monitoring() {
    return {{true, "GET /getheight HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"},
            {false, http_answer(R"({"height":3000000,"status":"OK"})")},
            {true,
             http_post(R"({"method":"getblocktemplate","params":[{"rules":["segwit"]}],"id":0})")},
            {false, http_answer(
                        R"({"result":{"version":536870912,"previousblockhash":")" + hex_digits(64) +
                        R"(","transactions":[],"bits":"1d00ffff","height":900000},"id":0})")}};
}

/// Start of a PostgreSQL session, for use in SOCKS5.
Conversation database() {
    return {{true, "\0\0\0\x14\0\x03\0\0user\0lab\0\0\0\0"s},
            {false, "R\0\0\0\x08\0\0\0\0"s},
            {true, "Q\0\0\0\x20select 'mining.subscribe';\0\0"s}};
}

/// TLS records without real content.
Conversation tls() {
    return {{true, "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"s + random_bytes(500)},
            {false, "\x16\x03\x03\0\x7a\x02\0\0\x76\x03\x03"s + random_bytes(900)}};
}

constexpr std::array<Topic, 6> topics{{{"web-page", web_page},
                                       {"chat", chat},
                                       {"wallet", wallet},
                                       {"monitoring", monitoring},
                                       {"database", database},
                                       {"tls", tls}}};

} // namespace

std::span<const Topic> other_topics() {
    return topics;
}

} // namespace minewarden::lab
