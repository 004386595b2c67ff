// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/random.h"
#include "tests/lab/speak/conversation.h"

#include <sodium/crypto_hash_sha256.h>

#include <array>

namespace minewarden::lab {
namespace {

using namespace std::string_literals;

std::string sha256(const std::string& bytes) {
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), // char to byte
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return digest;
}

/// A message of regtest, which public nodes do not use.
std::string bitcoin_message(std::string command, const std::string& payload) {
    command.resize(12);
    return "\xfa\xbf\xb5\xda"s + command + static_cast<char>(payload.size()) + "\0\0\0"s +
           sha256(sha256(payload)).substr(0, 4) + payload;
}

Conversation bitcoin() {
    const std::string agent = "/Lab:1.0.0/";
    const std::string version =
        bitcoin_message("version", "\x80\x11\x01\x00"s + "\x09\x04\0\0\0\0\0\0"s + random_bytes(8) +
                                       random_bytes(26) + random_bytes(26) + random_bytes(8) +
                                       static_cast<char>(agent.size()) + agent + "\x07\0\0\0\x01"s);
    const std::string verack = bitcoin_message("verack", "");
    return {{true, version}, {false, version + verack}, {true, verack}};
}

/// Twice the generator of secp256k1 (SEC 2), as the ephemeral key.
const std::string point = "\x04\xc6\x04\x7f\x94\x41\xed\x7d\x6d\x30\x45\x40\x6e\x95\xc0\x7c\xd8\x5c"
                          "\x77\x8e\x4b\x8c\xef\x3c"
                          "\xa7\xab\xac\x09\xb9\x5c\x70\x9e\xe5\x1a\xe1\x68\xfe\xa6\x3d\xc3\x39\xa3"
                          "\xc5\x84\x19\x46\x6c\xea"
                          "\xee\xf7\xf6\x32\x65\x32\x66\xd0\xe1\x23\x64\x31\xa9\x50\xcf\xe5\x2a"s;

Conversation ethereum() {
    return {{true, "\x01\xb0"s + point + random_bytes(0x1b0 - 65)},
            {false, "\x01\x88"s + point + random_bytes(0x188 - 65)},
            {true, random_bytes(200)}};
}

Conversation libp2p() {
    const std::string hello = "\x13/multistream/1.0.0\n\x07/noise\n";
    return {{true, hello}, {false, hello}, {true, random_bytes(34)}, {false, random_bytes(220)}};
}

std::string levin_handshake(char flags) {
    // Use Monero's real network id, so that the message equals that of real nodes.
    const std::string body =
        "\x01\x11\x01\x01\x01\x01\x02\x01\x01\x08\x09node_data\x0c\x08"
        "\x0anetwork_id\x0a\x40\x12\x30\xf1\x71\x61\x04\x41\x61\x17\x31\x00\x82"
        "\x16\xa1\xa1\x10\x07peer_id\x05"s +
        random_bytes(8);
    return "\x01\x21\x01\x01\x01\x01\x01\x01"s + static_cast<char>(body.size()) +
           std::string(7, '\0') + "\x01\xe9\x03\0\0\0\0\0\0"s + flags + "\0\0\0\x01\0\0\0"s + body;
}

Conversation monero() {
    return {{true, levin_handshake('\1')}, {false, levin_handshake('\2')}};
}

constexpr std::array<Topic, 4> topics{{{"bitcoin-p2p", bitcoin},
                                       {"ethereum-p2p", ethereum},
                                       {"libp2p", libp2p},
                                       {"monero-p2p", monero}}};

} // namespace

std::span<const Topic> node_topics() {
    return topics;
}

} // namespace minewarden::lab
