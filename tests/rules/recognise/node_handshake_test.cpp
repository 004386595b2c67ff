// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/payload.h"
#include "tests/rules/support/dialects.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sodium/crypto_hash_sha256.h>

namespace minewarden::rules {
namespace {

using namespace std::string_literals;
using enum Direction;

std::string sha256(const std::string& bytes) {
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return digest;
}

std::string bitcoin_version(const std::string& magic = "\xf9\xbe\xb4\xd9", char services = 9,
                            const std::string& agent = "/Satoshi:25.0.0/") {
    std::string payload = "\x80\x11\x01\x00"s + std::string(1, services) + std::string(7, '\0') +
                          std::string(8, '\1') + std::string(26, '\0') + std::string(26, '\0') +
                          std::string(8, '\7');
    payload += static_cast<char>(agent.size());
    payload += agent + "\x40\x42\x0f\x00\x01"s;
    return magic + "version\0\0\0\0\0"s + static_cast<char>(payload.size()) + "\0\0\0"s +
           sha256(sha256(payload)).substr(0, 4) + payload;
}

/// The generator of secp256k1 (SEC 2 2.4.1) as an ephemeral key.
const std::string point = "\x04\x79\xbe\x66\x7e\xf9\xdc\xbb\xac\x55\xa0\x62\x95\xce\x87\x0b\x07\x02"
                          "\x9b\xfc\xdb\x2d\xce\x28"
                          "\xd9\x59\xf2\x81\x5b\x16\xf8\x17\x98\x48\x3a\xda\x77\x26\xa3\xc4\x65\x5d"
                          "\xa4\xfb\xfc\x0e\x11\x08"
                          "\xa8\xfd\x17\xb4\x48\xa6\x85\x54\x19\x9c\x47\xd0\x8f\xfb\x10\xd4\xb8"s;
const std::string rlpx_eip8 = "\x01\x95"s + point + std::string(405 - 65, '\x5a');
const std::string rlpx_legacy = point + std::string(307 - 65, '\x5a');
const std::string libp2p = "\x13/multistream/1.0.0\n\x07/noise\n";
const std::string libp2p_tls = "\x13/multistream/1.0.0\n\x0b/tls/1.0.0\n";

std::string monero_handshake(char flags = 1, char network = '\x10') {
    const std::string body =
        "\x01\x11\x01\x01\x01\x01\x02\x01\x01"s + "\x08\x09node_data\x0c\x10"s +
        "\x0anetwork_id\x0a\x40\x12\x30\xf1\x71\x61\x04\x41\x61\x17\x31\x00\x82\x16\xa1\xa1"s +
        network + "\x07peer_id\x05"s + std::string(8, '\3');
    return "\x01\x21\x01\x01\x01\x01\x01\x01"s + static_cast<char>(body.size()) +
           std::string(7, '\0') + "\x01\xe9\x03\0\0\0\0\0\0"s + flags + "\0\0\0\x01\0\0\0"s + body;
}

std::optional<NodeHandshake> matched(const std::string& bytes) {
    NodeHandshake found;
    return match_handshake(bytes, found) == HandshakeMatch::yes ? std::optional(found)
                                                                : std::nullopt;
}

const std::vector<std::string> handshakes{bitcoin_version(), rlpx_eip8,         rlpx_legacy, libp2p,
                                          libp2p_tls,        monero_handshake()};

TEST(NodeHandshake, RecognisesNetworkAndVariant) {
    const auto is = [](const std::string& bytes, NodeNetwork network, std::string_view variant) {
        const auto found = matched(bytes);
        ASSERT_TRUE(found) << variant;
        EXPECT_EQ(found->network, network);
        EXPECT_EQ(found->variant, variant);
    };
    is(bitcoin_version(), NodeNetwork::bitcoin, "mainnet");
    is(bitcoin_version("\x0b\x11\x09\x07"), NodeNetwork::bitcoin, "testnet3");
    is(bitcoin_version("\xfa\xbf\xb5\xda"), NodeNetwork::bitcoin, "regtest");
    is(rlpx_eip8, NodeNetwork::ethereum, "eip8");
    is(rlpx_legacy, NodeNetwork::ethereum, "legacy");
    is(libp2p, NodeNetwork::libp2p, "noise");
    is(libp2p_tls, NodeNetwork::libp2p, "tls");
    is(monero_handshake(), NodeNetwork::monero, "mainnet");
    is(monero_handshake(1, '\x12'), NodeNetwork::monero, "stagenet");
}

TEST(NodeHandshake, RecognisesWhatBitcoinNodesOffer) {
    EXPECT_EQ(matched(bitcoin_version())->serves_chain, true);
    EXPECT_EQ(matched(bitcoin_version("\xf9\xbe\xb4\xd9", 0))->serves_chain, false);
    EXPECT_EQ(matched(bitcoin_version())->software, "Satoshi");
    EXPECT_EQ(matched(bitcoin_version("\xf9\xbe\xb4\xd9", 1, "my wallet"))->software, "other");
}

TEST(NodeHandshake, LevinShowsWhoOpened) {
    EXPECT_EQ(matched(monero_handshake(1))->sender, NodeSide::initiator);
    EXPECT_EQ(matched(monero_handshake(2))->sender, NodeSide::responder);
}

TEST(NodeHandshake, TheFirstSenderOpenedTheConnection) {
    PayloadRecogniser recogniser;
    EXPECT_TRUE(recogniser.feed(received, rlpx_eip8).empty());
    EXPECT_TRUE(recogniser.wants_more());
    EXPECT_TRUE(recogniser.feed(sent, rlpx_legacy).empty());
    EXPECT_FALSE(recogniser.wants_more());
    const auto found = recogniser.take_handshakes();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].first.sender, NodeSide::initiator);
    EXPECT_EQ(found[0].second, received);
    EXPECT_EQ(found[1].first.sender, NodeSide::responder);
}

TEST(NodeHandshake, RecognisesOneHandshakeHoweverItIsCut) {
    for (const std::string& whole : handshakes) {
        for (std::size_t at = 0; at <= whole.size(); ++at) {
            PayloadRecogniser recogniser;
            (void)recogniser.feed(sent, whole.substr(0, at));
            (void)recogniser.feed(sent, whole.substr(at));
            ASSERT_EQ(recogniser.take_handshakes().size(), 1u) << at << " of " << whole.size();
        }
    }
}

TEST(NodeHandshake, RecognisesSingleBytesAndThroughAProxy) {
    for (const std::string& whole : handshakes) {
        PayloadRecogniser recogniser;
        for (const char byte : test::socks_client + whole)
            (void)recogniser.feed(sent, std::string_view(&byte, 1));
        EXPECT_EQ(recogniser.take_handshakes().size(), 1u);
    }
}

/// One flipped bit in the part that the structure determines.
TEST(NodeHandshake, RefusesAnyFlippedBitInTheFixedPart) {
    struct Fixed {
        std::string bytes;
        std::size_t from;
        std::size_t to;
    };
    for (const Fixed& one :
         {Fixed{bitcoin_version(), 0, bitcoin_version().size()}, Fixed{rlpx_legacy, 0, 65},
          Fixed{rlpx_eip8, 2, 67}, Fixed{libp2p, 0, 20}, Fixed{monero_handshake(), 0, 8},
          Fixed{monero_handshake(), 17, 21}, Fixed{monero_handshake(), 33, 42}}) {
        for (std::size_t at = one.from; at < one.to; ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string changed = one.bytes;
                changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
                ASSERT_FALSE(matched(changed)) << "byte " << at << " bit " << bit;
            }
        }
    }
}

TEST(NodeHandshake, IgnoresTheirNamesInOtherText) {
    for (const std::string& bytes :
         {"/multistream/1.0.0\n"s, "GET /multistream/1.0.0 HTTP/1.1\r\n\r\n"s, "version\0\0\0\0\0"s,
          "\x13/multistream/1.0.0\n\x05hello"s, "\x04\x01\x0d\x05\x7f\0\0\1me\0"s /* SOCKS4 */,
          "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"s})
        EXPECT_FALSE(matched(bytes));
}

RC_GTEST_PROP(NodeHandshake, IgnoresRandomBytesAfterAnyStart,
              (const std::vector<std::uint8_t>& bytes)) {
    const std::string text(bytes.begin(), bytes.end());
    const std::string filled = text + std::string(800, '\x5a');
    for (const std::string& begin :
         {""s, "\x04"s, "\x01\x95\x04"s, "\xf9\xbe\xb4\xd9"s, bitcoin_version().substr(0, 24),
          "\x01\x21\x01\x01\x01\x01\x01\x01"s})
        RC_ASSERT(!matched(begin + filled));
}

} // namespace
} // namespace minewarden::rules
