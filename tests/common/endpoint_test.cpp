// SPDX-License-Identifier: Apache-2.0
#include "common/endpoint.h"

#include <gtest/gtest.h>

namespace minewarden {
namespace {

TEST(Endpoint, TakesAddressesOfBothFamiliesAndPaths) {
    for (const char* text : {"tcp://127.0.0.1:7410", "ipc:///run/minewarden/intake.sock"}) {
        const auto endpoint = parse_endpoint(text, EndpointUse::connect);
        ASSERT_TRUE(endpoint) << text;
        EXPECT_EQ(endpoint->text, text);
        EXPECT_FALSE(endpoint->is_ipv6);
    }
    for (const char* text : {"tcp://[::1]:7410", "tcp://[2001:db8::1]:65535"}) {
        const auto endpoint = parse_endpoint(text, EndpointUse::connect);
        ASSERT_TRUE(endpoint) << text;
        EXPECT_TRUE(endpoint->is_ipv6);
    }
}

TEST(Endpoint, ListensOnAnyAddressAndPort) {
    for (const char* text : {"tcp://*:7410", "tcp://127.0.0.1:*", "tcp://[::]:0"}) {
        EXPECT_TRUE(parse_endpoint(text, EndpointUse::listen)) << text;
        EXPECT_FALSE(parse_endpoint(text, EndpointUse::connect) && text[6] == '*') << text;
    }
}

TEST(Endpoint, RefusesWhatCannotWorkWithTheReason) {
    const std::pair<const char*, const char*> bad[]{
        {"", "tcp://"},
        {"127.0.0.1:7410", "tcp://"},
        {"inproc://x", "tcp://"},
        {"tcp://127.0.0.1", "port"},
        {"tcp://127.0.0.1:", "port"},
        {"tcp://127.0.0.1:0", "port"},
        {"tcp://127.0.0.1:65536", "port"},
        {"tcp://127.0.0.1:*", "port"},
        {"tcp://127.0.0.1:7410/", "port"},
        {"tcp://*:7410", "address"},
        {"tcp://collector.example:7410", "address"},
        {"tcp://[fe80::1%eth0]:7410", "address"},
        {"tcp://::1:7410", "brackets"},
        {"tcp://[127.0.0.1]:7410", "brackets"},
        {"ipc://", "path"},
    };
    for (const auto& [text, reason] : bad) {
        const auto endpoint = parse_endpoint(text, EndpointUse::connect);
        ASSERT_FALSE(endpoint) << text;
        EXPECT_EQ(endpoint.error().kind, ErrorKind::config);
        EXPECT_NE(endpoint.error().message.find(reason), std::string::npos)
            << text << ": " << endpoint.error().message;
    }
    EXPECT_FALSE(parse_endpoint("ipc:///" + std::string(120, 'x'), EndpointUse::listen));
}

} // namespace
} // namespace minewarden
