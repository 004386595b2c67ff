// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/answers.h"
#include "agent/dns/destinations.h"
#include "tests/rules/recognise/dns_message.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

namespace field = rules::flow_destination;
constexpr std::uint64_t second = 1'000'000'000;
constexpr BootTime later{200 * second};

std::shared_ptr<const rules::IndicatorSet> lists() {
    const auto plain = rules::make_indicator_list({"plain", "pool pool.test monero\n"}, "test.list",
                                                  "1", rules::IntelSalt{{1}});
    return *rules::IndicatorSet::load(
        {{"pools", *plain},
         {"networks", "intel: {id: networks, version: \"1\"}\nencrypted_resolvers: [9.9.9.9]\n"}});
}

abi::flow_event open_event(std::string_view address, std::uint16_t port, std::uint64_t flow = 1) {
    abi::flow_event event{};
    event.header = {abi::EVENT_FLOW_OPEN, sizeof(event), 100 * second};
    event.owner = {second, 1, 42, 0};
    event.flow_id = flow;
    std::memcpy(event.remote_address, parse_ip_address(address)->bytes.data(), 16);
    event.remote_port = port;
    event.flags = abi::FLOW_ESTABLISHED;
    event.network_namespace = 7;
    return event;
}

class DestinationsTest : public testing::Test {
  protected:
    /// The kernel's event for an answer to the process of open_event().
    void answer(std::string_view name, std::string_view four, std::uint32_t pid = 42) {
        abi::dns_answer_event event{};
        event.header = {abi::EVENT_DNS_ANSWER, sizeof(event), 99 * second};
        if (pid != 0) event.owner = {second, 1, pid, 0};
        event.network_namespace = 7;
        const std::string bytes = rules::dns_a(name, four);
        answers_.on_event(event, as_bytes(bytes));
    }
    static std::optional<abi::subject_id> same_owner(std::uint64_t) { return std::nullopt; }

    NameCache cache_{lists()};
    Answers answers_{cache_};
    Destinations destinations_{cache_};
};

TEST_F(DestinationsTest, AConnectionToAPoolIsToldAtOnceAndWhileItIsOpen) {
    answer("xmr.pool.test", "\xcb\x01\x71\x07");
    const auto told = destinations_.on_open(open_event("203.1.113.7", 3333));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].owner.pid, 42U);
    const rules::Observation& seen = told[0].observation;
    EXPECT_EQ(to_display(seen.values[field::level]), "process");
    EXPECT_EQ(to_display(seen.values[field::kind]), "pool");
    EXPECT_EQ(to_display(seen.values[field::name]), "pool.test");
    EXPECT_EQ(to_display(seen.values[field::list]), "test.list");
    EXPECT_EQ(to_display(seen.values[field::coin]), "monero");
    EXPECT_FALSE(std::get<bool>(seen.values[field::ambiguous]));
    EXPECT_EQ(seen.integer(field::remote_port), 3333);

    ASSERT_EQ(destinations_.open_connections(later, same_owner).size(), 1U);
    // Somebody else turns out to live there too.
    answer("shop.example.org", "\xcb\x01\x71\x07", 50);
    EXPECT_TRUE(std::get<bool>(
        destinations_.open_connections(later, same_owner)[0].observation.values[field::ambiguous]));
    destinations_.on_close(open_event("203.1.113.7", 3333));
    EXPECT_TRUE(destinations_.open_connections(later, same_owner).empty());
}

TEST_F(DestinationsTest, AConnectionHandedOnIsThatOfWhoHoldsIt) {
    answer("xmr.pool.test", "\xcb\x01\x71\x07");
    destinations_.on_open(open_event("203.1.113.7", 3333));
    EXPECT_TRUE(destinations_.knows(1));
    EXPECT_FALSE(destinations_.knows(2));
    const auto child = [](std::uint64_t) { return abi::subject_id{2 * second, 1, 43, 0}; };
    const auto told = destinations_.open_connections(later, child);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].owner.pid, 43U);
    const auto nobody = [](std::uint64_t) { return abi::subject_id{}; };
    EXPECT_TRUE(destinations_.open_connections(later, nobody).empty());
}

TEST_F(DestinationsTest, OtherConnectionsSayNothing) {
    answer("www.example.org", "\xcb\x01\x71\x07");
    EXPECT_TRUE(destinations_.on_open(open_event("203.1.113.7", 3333)).empty());
    EXPECT_TRUE(destinations_.open_connections(later, same_owner).empty());
}

TEST_F(DestinationsTest, EncryptedResolversAreCounted) {
    destinations_.on_open(open_event("198.51.100.1", 853, 1));
    destinations_.on_open(open_event("9.9.9.9", 443, 2));
    destinations_.on_open(open_event("9.9.9.9", 80, 3));
    destinations_.on_open(open_event("198.51.100.1", 443, 4));
    EXPECT_EQ(destinations_.encrypted_resolvers(), 2U);
}

TEST_F(DestinationsTest, AnswersAreCounted) {
    answer("pool.test", "\xcb\x01\x71\x07");
    answer("pool.test", "\xcb\x01\x71\x07", 0);
    answer("pool.test", "bad");
    EXPECT_EQ(answers_.counts().answers, 2U);
    EXPECT_EQ(answers_.counts().owner_unknown, 1U);
    EXPECT_EQ(answers_.counts().malformed, 1U);
}

} // namespace
} // namespace minewarden::agent
