// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"
#include "tests/rules/support/dialects.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

/// Messages inside HTTP, WebSocket, SOCKS and CONNECT, also nested.
namespace minewarden::rules {
namespace {

using enum Direction;
using Names = std::vector<std::string>;

const std::string mask = "\x37\xfa\x21\x3d";

struct Ends {
    std::string client;
    std::string server;
};

/// The messages found in both directions, client first, in pieces of at most `size` bytes.
Names found(const Ends& ends, std::size_t size = 4096, StreamStart start = StreamStart::beginning) {
    PayloadRecogniser recogniser(start);
    Names names;
    for (const auto direction : {sent, received}) {
        const std::string& bytes = direction == sent ? ends.client : ends.server;
        for (std::size_t at = 0; at < bytes.size(); at += size) {
            for (const auto& message : recogniser.feed(direction, bytes.substr(at, size)))
                names.emplace_back(message.message);
        }
    }
    std::ranges::sort(names);
    return names;
}

const Ends plain{test::monero::login_new + "\n" + test::monero::submit + "\n",
                 test::monero::login_reply + "\n"};
const Names all{"job", "login", "submit"};

Ends by_connect(const Ends& inner) {
    return {test::connect_request + inner.client, test::connect_reply + inner.server};
}
Ends by_socks(const Ends& inner) {
    return {test::socks_client + inner.client, test::socks_server + inner.server};
}
Ends by_websocket(const Ends& inner) {
    return {test::upgrade_request + test::frame(inner.client, mask),
            test::upgrade_reply + test::frame(inner.server)};
}

TEST(Transports, UnwrapsEachTransportHoweverItIsCut) {
    for (const Ends& ends : {plain, by_connect(plain), by_socks(plain), by_websocket(plain),
                             by_connect(by_websocket(plain)), by_socks(by_connect(plain)),
                             by_socks(by_websocket(plain))}) {
        for (const std::size_t size : {1, 2, 3, 7, 50, 300, 4096})
            EXPECT_EQ(found(ends, size), all) << size << " " << ends.client;
    }
}

TEST(Transports, LimitsNesting) {
    Ends ends = plain;
    for (int i = 0; i < StreamLayer::maximum_depth; ++i) ends = by_socks(ends);
    EXPECT_EQ(found(ends), all);
    EXPECT_EQ(found(by_socks(ends)), Names{});
    for (int i = 0; i < 100; ++i) ends = by_socks(ends);
    EXPECT_EQ(found(ends), Names{});
}

TEST(Transports, UnwrapsSocks5WithPasswordAndOtherAddresses) {
    const std::string client = std::string("\x05\x02\x00\x02", 4) + "\x01\x02me\x03pwd" +
                               std::string("\x05\x01\x00\x01\x7f\x00\x00\x01\x0d\x05", 10);
    const std::string server = std::string("\x05\x02\x01\x00", 4) +
                               std::string("\x05\x00\x00\x04", 4) + std::string(18, '\1');
    for (const std::size_t size : {1, 4, 4096})
        EXPECT_EQ(found({client + plain.client, server + plain.server}, size), all);
}

TEST(Transports, UnwrapsSocks4) {
    const std::string granted("\0\x5a\x0d\x05\x7f\0\0\1", 8);
    const std::string by_address("\4\1\x0d\x05\x7f\0\0\1user\0", 13);
    const std::string by_name("\4\1\x0d\x05\0\0\0\1\0pool.test\0", 19); // 4A
    for (const std::string& request : {by_address, by_name}) {
        for (const std::size_t size : {1, 4, 4096}) {
            EXPECT_EQ(found({request + plain.client, granted + plain.server}, size), all) << size;
            EXPECT_EQ(found(by_socks({request + plain.client, granted + plain.server}), size), all);
        }
    }
    const std::string refused("\0\x5b\0\0\0\0\0\0", 8);
    EXPECT_EQ(found({by_address, refused + plain.server}), Names{});
    // BIND, and a user name without an end.
    EXPECT_EQ(found({"\4\2" + by_address.substr(2) + plain.client, ""}), Names{});
    const std::string endless_user = by_address.substr(0, 8) + std::string(300, 'u');
    EXPECT_EQ(found({endless_user + std::string(1, '\0') + plain.client, ""}), Names{});
}

TEST(Transports, IgnoresARefusedTunnel) {
    EXPECT_EQ(found({test::socks_client, std::string("\x05\xff", 2) + plain.server}), Names{});
    EXPECT_EQ(found({test::connect_request, "HTTP/1.1 403 Forbidden\r\n\r\n" + plain.server}),
              Names{});
}

TEST(Transports, UnwrapsATunnelAfterAuthentication) {
    EXPECT_EQ(found({test::connect_request + test::connect_request + plain.client,
                     "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno" +
                         test::connect_reply + plain.server}),
              all);
}

TEST(Transports, HandlesFragmentsAndControlFrames) {
    const std::string text = test::browser::submit;
    const std::string client =
        test::upgrade_request + test::frame(text.substr(0, 20), mask, 0x01) +
        test::frame("ping", mask, 0x89) + test::frame(text.substr(20, 40), mask, 0x00) +
        test::frame(text.substr(60), mask, 0x80) + test::frame(test::browser::login, mask);
    for (const std::size_t size : {1, 5, 4096})
        EXPECT_EQ(found({client, test::upgrade_reply + test::frame(test::browser::job)}, size),
                  (Names{"job", "login", "submit"}));
}

TEST(Transports, StopsAtCompressedFrames) {
    PayloadRecogniser recogniser;
    EXPECT_TRUE(
        recogniser.feed(sent, test::upgrade_request + test::frame("x", mask, 0xc1)).empty());
    EXPECT_FALSE(recogniser.wants_more());
}

TEST(Transports, RecognisesCallsOfNodesOverHttp) {
    const Ends ends{test::http_post(test::node::getwork, "X-Mining-Extensions: longpoll\r\n") +
                        test::http_post(test::node::getwork_submit),
                    test::http_ok(test::node::getwork_reply)};
    for (const std::size_t size : {1, 3, 100, 4096})
        EXPECT_EQ(found(ends, size), (Names{"get_work", "submit", "work"}));
}

TEST(Transports, KeepsMinerHeaderAndSoftwareName) {
    PayloadRecogniser recogniser;
    const auto messages = recogniser.feed(
        sent,
        test::http_post(test::node::block_template,
                        "user-agent: cpuminer/2.5.1 (x)\r\nx-MINING-extensions: midstate\r\n"));
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(messages[0].miner_header);
    EXPECT_EQ(messages[0].software, "cpuminer");
    EXPECT_EQ(messages[0].protocol, MiningProtocol::block_template);
    const auto bare = PayloadRecogniser().feed(sent, test::http_post(test::node::block_template));
    ASSERT_EQ(bare.size(), 1u);
    EXPECT_FALSE(bare[0].miner_header);
}

TEST(Transports, RecognisesASoloMoneroMiner) {
    EXPECT_EQ(
        found({"GET /getheight HTTP/1.1\r\nHost: n\r\n\r\n" +
                   test::http_post(test::node::monero_template, "", "/json_rpc") +
                   test::http_post(test::node::monero_submit, "X-Hash-Difficulty: 7\r\n"),
               test::http_ok("{\"height\":7}") + test::http_ok(test::node::monero_template_reply)}),
        (Names{"get_work", "height", "submit", "work"}));
}

TEST(Transports, RecognisesChunksAndBatches) {
    const std::string& body = test::node::getwork;
    const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9;x=y\r\n" +
                                body.substr(0, 9) + "\r\n" + "22\r\n" + body.substr(9, 34) +
                                "\r\n0\r\n\r\n";
    ASSERT_EQ(body.size(), 9u + 34u) << "the chunks' sizes above";
    for (const std::size_t size : {1, 2, 4096})
        EXPECT_EQ(found({chunked + test::http_post(test::node::getwork_submit), ""}, size),
                  (Names{"get_work", "submit"}));
    EXPECT_EQ(found({test::http_post("[" + body + ", " + test::node::block_template + "]"), ""}),
              (Names{"get_work", "get_work"}));
}

TEST(Transports, RecognisesFromTheMiddleOfAConnection) {
    EXPECT_EQ(found({test::http_post(test::node::getwork_submit), ""}, 4096, StreamStart::middle),
              Names{"submit"});
    EXPECT_EQ(found({test::frame(test::browser::submit, mask), test::frame(test::browser::job)},
                    4096, StreamStart::middle),
              (Names{"job", "submit"}));
}

/// `begin` and then many hexadecimal digits.
std::string endless(const std::string& begin) {
    return begin + std::string(500'000, '7');
}

TEST(Transports, RecognisesALongBlockByItsStart) {
    const std::string block =
        endless(R"({"jsonrpc":"1.0","id":0,"method":"submitblock","params":["00000020)");
    const std::string monero =
        endless(R"({"id":2,"jsonrpc":"2.0","method":"submit_block","params":["1010f8aabbcc06)");
    for (const std::string& body : {block, "[" + block, monero}) {
        for (const std::size_t size : {1, 100, 1448, 4096}) {
            const std::string whole = test::http_post(body);
            const std::string chunked =
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" +
                body.substr(0, 0x800) + "\r\n";
            EXPECT_EQ(found({whole.substr(0, 4096), ""}, size), Names{"submit"});
            EXPECT_EQ(found({chunked, ""}, size), Names{"submit"});
        }
    }
    // A whole block and the next call: each is found once.
    const std::string whole =
        R"({"id":0,"method":"submitblock","params":["00000020)" + std::string(2000, 'a') + "\"]}";
    EXPECT_EQ(found({test::http_post(whole) + test::http_post(test::node::getwork_submit), ""}),
              (Names{"submit", "submit"}));
}

TEST(Transports, RecognisesALongTemplateByItsStart) {
    const std::string bitcoin = endless(
        R"({"result":{"capabilities":["proposal"],"version":536870912,"rules":["csv","!segwit"],)"
        R"("vbavailable":{},"vbrequired":0,"previousblockhash":")" +
        test::hash + R"(","transactions":[{"data":"01000000)");
    const std::string monero =
        endless(R"({"id":"0","jsonrpc":"2.0","result":{"blockhashing_blob":")" + test::blob +
                R"(","blocktemplate_blob":"1010f8aabbcc06)");
    for (const std::string& body : {bitcoin, monero})
        EXPECT_EQ(found({"", test::http_ok(body).substr(0, 4096)}), Names{"work"})
            << body.substr(0, 100);
}

TEST(Transports, IgnoresOtherLongBodies) {
    const std::string call = R"({"method":"submitblock","params":[")";
    for (const std::string& body :
         {endless(R"({"method":"upload","params":["00000020)"),
          endless(R"({"log":[{"method":"submitblock","params":["00000020)"),
          endless(R"({"text":"{\"method\":\"submitblock\",\"params\":[\"00000020)"),
          call + std::string(3000, 'z'), call + std::string(3000, '\\'), std::string(3000, '{'),
          std::string(3000, '['), std::string(3000, '"'),
          call + std::string(200, '7') + "\",\"" + std::string(3000, '7'),
          endless(R"({"a":1}}}}}}{"method":"submitblock","params":["00000020)")}) {
        EXPECT_EQ(found({test::http_post(body).substr(0, 4096), ""}), Names{})
            << body.substr(0, 100);
    }
}

TEST(Transports, IgnoresDataThatOnlyContainsTheWords) {
    const std::string page =
        "<html><pre>" + test::bitcoin::subscribe + "\n" + test::node::getwork + "</pre></html>";
    for (const Ends& ends : {
             Ends{"GET /stratum.html HTTP/1.1\r\nHost: d\r\n\r\n", test::http_ok(page)},
             // A document that is a message, or a log of messages.
             Ends{"GET /m.json HTTP/1.1\r\nHost: d\r\n\r\n", test::http_ok(test::bitcoin::notify)},
             Ends{test::http_post(test::bitcoin::subscribe),
                  test::http_ok(test::monero::login_reply)},
             Ends{test::http_post("{\"text\":\"getblocktemplate\"}"), test::http_ok("{}")},
             Ends{test::http_post(test::node::getwork.substr(0, 30)), ""},
             // Another JSON protocol in WebSocket.
             Ends{
                 test::upgrade_request +
                     test::frame(
                         R"({"method":"submit","params":{"room":1,"text":"mining.submit"}})", mask),
                 test::upgrade_reply +
                     test::frame(R"({"method":"job","params":{"title":"cook"}})")},
             // A database and TLS behind a proxy, git, SSH.
             Ends{test::socks_client + std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8),
                  test::socks_server + "S"},
             Ends{test::connect_request +
                      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
                  test::connect_reply + std::string("\x16\x03\x03\x00\x7a", 5)},
             Ends{std::string("0032git-upload-pack /project.git\0host=example.test\0", 52), ""},
             Ends{"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2\r\n"},
         })
        EXPECT_EQ(found(ends), Names{}) << ends.client;
}

TEST(Transports, StopsAfterAFewOrdinaryWebRequests) {
    for (const std::string& head :
         {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
          std::string("PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"),
          std::string("POST /form HTTP/1.1\r\nContent-Length: 0\r\n\r\n")}) {
        PayloadRecogniser recogniser;
        for (int i = 0; i < 4; ++i) {
            EXPECT_TRUE(recogniser.feed(sent, head).empty());
            EXPECT_TRUE(recogniser.wants_more()) << head;
        }
        EXPECT_TRUE(recogniser.feed(sent, head).empty());
        EXPECT_FALSE(recogniser.wants_more()) << head;
    }
    PayloadRecogniser http2;
    EXPECT_TRUE(http2.feed(sent, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").empty());
    EXPECT_FALSE(http2.wants_more());
}

TEST(Transports, RecognisesMiningAfterOtherRequests) {
    for (const std::string& before :
         {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
          std::string("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
          std::string("PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")}) {
        PayloadRecogniser recogniser;
        EXPECT_TRUE(recogniser.feed(sent, before).empty());
        EXPECT_EQ(recogniser.feed(sent, test::http_post(test::node::getwork)).size(), 1u) << before;
    }
}

TEST(Transports, AcceptsWhiteSpaceInABatch) {
    PayloadRecogniser recogniser;
    const std::string batch =
        "[\n  " + test::node::getwork + " ,\n  " + test::node::getwork + "\n]";
    EXPECT_EQ(recogniser.feed(sent, test::http_post(batch)).size(), 2u);
}

RC_GTEST_PROP(Transports, IgnoresRandomBytes, (const std::vector<std::uint8_t>& bytes)) {
    const std::string text(bytes.begin(), bytes.end());
    for (const std::string& before :
         {std::string(), test::upgrade_request, test::connect_request, test::socks_client,
          std::string("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n"),
          test::upgrade_request + "\x81\xfe", std::string("\x05"),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")}) {
        PayloadRecogniser recogniser;
        RC_ASSERT(recogniser.feed(sent, before + text).empty());
        RC_ASSERT(recogniser.feed(received, text + text).empty());
        RC_ASSERT(recogniser.take_handshakes().empty());
    }
}

} // namespace
} // namespace minewarden::rules
