// SPDX-License-Identifier: Apache-2.0
#include "agent/dns/name_cache.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr BootTime now{1000 * second};
const Asker client{{42, second, 1}, 7};
const Asker neighbour{{43, second, 1}, 7};
const Asker elsewhere{{44, second, 1}, 8};
const Asker unknown{{}, 7};

std::shared_ptr<const rules::IndicatorSet> lists() {
    const auto plain =
        rules::make_indicator_list({"plain", "pool pool.test monero\nsite www.pool.test\n"},
                                   "test.list", "1", rules::IntelSalt{{1}});
    auto set = rules::IndicatorSet::load(
        {{"pools", *plain},
         {"networks", "intel: {id: networks, version: \"1\"}\n"
                      "shared: {suffixes: [cdn.test], networks: [\"104.16.0.0/13\"]}\n"}});
    EXPECT_TRUE(set);
    return *set;
}

IpAddress address(std::string_view text) {
    return *parse_ip_address(text);
}

rules::DnsAnswer answer(std::string_view name, std::string_view its_address,
                        std::vector<std::string> aliases = {}, std::uint32_t ttl_s = 60) {
    return {std::string(name), std::move(aliases), {{address(its_address), ttl_s}}};
}

class NameCacheTest : public testing::Test {
  protected:
    std::optional<NameLevel> level(std::string_view its_address, const Asker& connecting,
                                   BootTime at = now) {
        const auto known = cache_.find(address(its_address), connecting, at);
        if (!known) return std::nullopt;
        return known->level;
    }
    NameCache cache_{lists()};
};

TEST_F(NameCacheTest, FindsTheMostSpecificLevel) {
    cache_.learn(answer("xmr.pool.test", "203.0.113.7"), client, now);
    EXPECT_EQ(level("203.0.113.7", client), NameLevel::process);
    EXPECT_EQ(level("203.0.113.7", neighbour), NameLevel::network_namespace);
    EXPECT_EQ(level("203.0.113.7", elsewhere), NameLevel::host);
    EXPECT_EQ(level("203.0.113.8", client), std::nullopt);
    const auto known = cache_.find(address("203.0.113.7"), client, now);
    EXPECT_EQ(known->indicator.suffix, "pool.test");
    EXPECT_EQ(known->indicator.coin, "monero");
    EXPECT_FALSE(known->ambiguous);
}

TEST_F(NameCacheTest, TreatsAnotherProgramOfTheSameProcessAsANeighbour) {
    cache_.learn(answer("pool.test", "203.0.113.7"), client, now);
    Asker after_exec = client;
    ++after_exec.image.image;
    EXPECT_EQ(level("203.0.113.7", after_exec), NameLevel::network_namespace);
}

TEST_F(NameCacheTest, KnowsOnlyTheHostOfAnUnknownAsker) {
    cache_.learn(answer("pool.test", "203.0.113.7"), unknown, now);
    EXPECT_EQ(level("203.0.113.7", client), NameLevel::host);
}

TEST_F(NameCacheTest, DoesNotFindOtherNames) {
    cache_.learn(answer("www.example.org", "203.0.113.7"), client, now);
    cache_.learn(answer("", "203.0.113.7"), client, now);
    EXPECT_EQ(level("203.0.113.7", client), std::nullopt);
}

TEST_F(NameCacheTest, FindsAPoolBehindAnAlias) {
    cache_.learn(answer("my-own.example", "203.0.113.7", {"eu.pool.test"}), client, now);
    EXPECT_EQ(level("203.0.113.7", client), NameLevel::process);
}

TEST_F(NameCacheTest, CallsAnAddressWithAnotherNameAmbiguous) {
    cache_.learn(answer("pool.test", "203.0.113.7"), client, now);
    EXPECT_FALSE(cache_.find(address("203.0.113.7"), client, now)->ambiguous);
    cache_.learn(answer("shop.example.org", "203.0.113.7"), elsewhere, now);
    EXPECT_TRUE(cache_.find(address("203.0.113.7"), client, now)->ambiguous);
}

TEST_F(NameCacheTest, DoesNotCallRepeatedAnswersAndNamesOfOnePoolAmbiguous) {
    // A client and its forwarder, and a second host of the same pool.
    for (const Asker& asker : {client, neighbour, client})
        cache_.learn(answer("pool.test", "203.0.113.7"), asker, now);
    cache_.learn(answer("eu.pool.test", "203.0.113.7"), client, now);
    EXPECT_FALSE(cache_.find(address("203.0.113.7"), client, now)->ambiguous);
}

TEST_F(NameCacheTest, CallsAddressesOfSharedNetworksAmbiguous) {
    cache_.learn(answer("pool.test", "203.0.113.7", {"x.cdn.test"}), client, now);
    cache_.learn(answer("pool.test", "104.16.1.1"), client, now);
    EXPECT_TRUE(cache_.find(address("203.0.113.7"), client, now)->ambiguous);
    EXPECT_TRUE(cache_.find(address("104.16.1.1"), client, now)->ambiguous);
}

TEST_F(NameCacheTest, IgnoresAnswersOfAFilteringResolver) {
    for (const char* text : {"127.0.0.1", "0.0.0.0", "::", "::1"}) {
        cache_.learn(answer("pool.test", text), client, now);
        EXPECT_EQ(level(text, client), std::nullopt) << text;
    }
}

TEST_F(NameCacheTest, KeepsPrivateAddressesToTheirNamespace) {
    for (const char* text : {"10.0.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"}) {
        cache_.learn(answer("pool.test", text), client, now);
        EXPECT_EQ(level(text, neighbour), NameLevel::network_namespace) << text;
        EXPECT_EQ(level(text, elsewhere), std::nullopt) << text;
    }
}

TEST_F(NameCacheTest, PrefersTheNameThatTheProcessItselfAskedFor) {
    cache_.learn(answer("pool.test", "203.0.113.7"), neighbour, now);
    cache_.learn(answer("www.pool.test", "203.0.113.7"), client, now);
    const auto known = cache_.find(address("203.0.113.7"), client, now);
    EXPECT_EQ(known->level, NameLevel::process);
    EXPECT_EQ(known->indicator.kind, rules::IndicatorKind::site);
    // A process that asked for both names is connected to the pool.
    cache_.learn(answer("www.pool.test", "203.0.113.7"), neighbour, now);
    EXPECT_EQ(cache_.find(address("203.0.113.7"), neighbour, now)->indicator.kind,
              rules::IndicatorKind::pool);
}

TEST_F(NameCacheTest, KeepsANameForItsTtlAndTheHold) {
    cache_.learn(answer("pool.test", "203.0.113.7", {}, 60), client, now);
    const std::uint64_t held_s = 60 + NameCache::hold_s;
    EXPECT_TRUE(level("203.0.113.7", client, {now.ns + held_s * second}));
    EXPECT_FALSE(level("203.0.113.7", client, {now.ns + (held_s + 1) * second}));
    cache_.learn(answer("pool.test", "203.0.113.8", {}, UINT32_MAX), client, now);
    const std::uint64_t longest_s = NameCache::maximum_ttl_s + NameCache::hold_s;
    EXPECT_FALSE(level("203.0.113.8", client, {now.ns + (longest_s + 1) * second}));
}

TEST(NameCache, IsBoundedAndCountsWhatItForgets) {
    NameCache cache(lists(), {.addresses = 4, .indicators = 2});
    for (int i = 0; i < 10; ++i) {
        cache.learn(answer("pool.test", "203.0.113." + std::to_string(i)), client, now);
        cache.learn(answer("www.example.org", "198.51.100." + std::to_string(i)), client, now);
    }
    EXPECT_EQ(cache.forgotten(), 8U);
    EXPECT_TRUE(cache.find(address("203.0.113.9"), client, now));
    EXPECT_FALSE(cache.find(address("203.0.113.1"), client, now));
    // Answers with other names displace no pool, and the number of askers is bounded.
    for (std::uint32_t pid = 1; pid < 1000; ++pid)
        cache.learn(answer("pool.test", "203.0.113.9"), {{pid, second, 1}, 9}, now);
    EXPECT_EQ(cache.find(address("203.0.113.9"), {{999, second, 1}, 9}, now)->level,
              NameLevel::process);
    EXPECT_EQ(cache.find(address("203.0.113.9"), {{1, second, 1}, 9}, now)->level,
              NameLevel::network_namespace);
}

} // namespace
} // namespace minewarden::agent
