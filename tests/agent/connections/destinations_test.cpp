// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/connections/connection_events.h"
#include "tests/rules/recognise/dns_message.h"

#include <gtest/gtest.h>

#include <array>

/// Connections to addresses that name servers gave for listed names.
namespace minewarden::agent {
namespace {

using namespace connection_events;
namespace field = rules::flow_destination;

constexpr BootTime later{200 * second};
constexpr std::string_view pool_address = "203.1.113.7";
constexpr std::string_view pool_bytes = "\xcb\x01\x71\x07";

std::shared_ptr<const rules::IndicatorSet> lists() {
    const auto plain = rules::make_indicator_list({"plain", "pool pool.test monero\n"}, "test.list",
                                                  "1", rules::IntelSalt{{1}});
    return *rules::IndicatorSet::load(
        {{"pools", *plain},
         {"networks", "intel: {id: networks, version: \"1\"}\nencrypted_resolvers: [9.9.9.9]\n"}});
}

class DestinationsTest : public testing::Test, public TestHost {
  protected:
    static abi::flow_event open(std::string_view address, std::uint16_t port,
                                std::uint64_t flow = 1) {
        abi::flow_event event = open_event(flow);
        std::memcpy(event.remote_address, parse_ip_address(address)->bytes.data(), 16);
        event.remote_port = port;
        event.network_namespace = 7;
        return event;
    }
    /// An answer to the process that opens the connections, or to another one.
    void answer(std::string_view name, std::string_view address, std::uint32_t pid = 42) {
        abi::dns_answer_event event{};
        event.header = {abi::EVENT_DNS_ANSWER, sizeof(event), 99 * second};
        if (pid != 0) event.owner = {second, 1, pid, 0};
        event.network_namespace = 7;
        const std::string bytes = rules::dns_a(name, address);
        connections_.on_dns_answer(event, as_bytes(bytes));
    }

    Connections connections_{processes, lists(), 100};
};

TEST_F(DestinationsTest, ReportsAConnectionToAPoolAtOnceAndWhileItIsOpen) {
    answer("xmr.pool.test", pool_bytes);
    const auto seen = connections_.on_open(open(pool_address, 3333));
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].image.pid, 42U);
    const rules::Observation& observation = seen[0].observation;
    EXPECT_EQ(text(observation, field::level), "process");
    EXPECT_EQ(text(observation, field::kind), "pool");
    EXPECT_EQ(text(observation, field::name), "pool.test");
    EXPECT_EQ(text(observation, field::list), "test.list");
    EXPECT_EQ(text(observation, field::coin), "monero");
    EXPECT_EQ(text(observation, field::ambiguous), "false");
    EXPECT_EQ(observation.integer(field::remote_port), 3333);

    ASSERT_EQ(connections_.destinations(later).size(), 1U);
    answer("shop.example.org", pool_bytes, 50); // another name shares the address
    EXPECT_EQ(text(connections_.destinations(later)[0].observation, field::ambiguous), "true");
    connections_.on_close(open(pool_address, 3333));
    EXPECT_TRUE(connections_.destinations(later).empty());
}

TEST_F(DestinationsTest, ReportsTheHolderOfAConnectionThatWasHandedOn) {
    answer("xmr.pool.test", pool_bytes);
    connections_.on_open(open(pool_address, 3333));
    fork(42, 43);
    ended.insert(42);
    connections_.disown_ended(); // it matters, although nothing was said on it
    EXPECT_TRUE(connections_.awaits_owner());
    EXPECT_TRUE(connections_.destinations(later).empty());
    const std::array records{holder(1, 43)};
    search(connections_, records);
    ASSERT_EQ(connections_.destinations(later).size(), 1U);
    EXPECT_EQ(connections_.destinations(later)[0].image.pid, 43U);
}

TEST_F(DestinationsTest, LooksTheNameUpAgainWhenTheConnectionIsReadAgain) {
    EXPECT_TRUE(connections_.on_open(open(pool_address, 3333)).empty());
    answer("xmr.pool.test", pool_bytes);
    abi::flow_event again = open(pool_address, 3333);
    again.flags |= abi::FLOW_IN_MIDDLE | abi::FLOW_READ_AGAIN;
    EXPECT_EQ(connections_.on_open(again).size(), 1U);
}

TEST_F(DestinationsTest, KeepsAConnectionToAPoolWhenTheTableIsFull) {
    answer("xmr.pool.test", pool_bytes);
    connections_.on_open(open(pool_address, 3333));
    for (std::uint64_t flow = 2; flow < 300; ++flow)
        connections_.on_open(open("198.51.100.1", 80, flow));
    EXPECT_EQ(connections_.destinations(later).size(), 1U);
    EXPECT_EQ(connections_.size(), 100U);
}

TEST_F(DestinationsTest, ReportsNothingOfOtherConnections) {
    answer("www.example.org", pool_bytes);
    EXPECT_TRUE(connections_.on_open(open(pool_address, 3333)).empty());
    EXPECT_TRUE(connections_.destinations(later).empty());
    EXPECT_FALSE(connections_.has_any_that_matters());
}

TEST_F(DestinationsTest, CountsEncryptedResolversOnce) {
    connections_.on_open(open("198.51.100.1", 853, 1));
    connections_.on_open(open("198.51.100.1", 853, 1)); // reported twice
    connections_.on_open(open("9.9.9.9", 443, 2));
    connections_.on_open(open("9.9.9.9", 80, 3));
    connections_.on_open(open("198.51.100.1", 443, 4));
    EXPECT_EQ(connections_.encrypted_resolvers(), 2U);
}

TEST_F(DestinationsTest, CountsAnswers) {
    answer("pool.test", pool_bytes);
    answer("pool.test", pool_bytes, 0);
    answer("pool.test", "bad");
    EXPECT_EQ(connections_.answers().answers, 2U);
    EXPECT_EQ(connections_.answers().owner_unknown, 1U);
    EXPECT_EQ(connections_.answers().malformed, 1U);
}

} // namespace
} // namespace minewarden::agent
