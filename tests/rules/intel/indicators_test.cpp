// SPDX-License-Identifier: Apache-2.0
#include "rules/intel/indicators.h"

#include <gtest/gtest.h>

namespace minewarden::rules {
namespace {

constexpr IntelSalt salt{{1, 2, 3}};

std::string made(std::string plain, std::string_view id = "test.list") {
    const auto list = make_indicator_list({"plain", std::move(plain)}, id, "1", salt);
    EXPECT_TRUE(list) << yaml::to_error(list.error()).message;
    return list ? *list : std::string();
}

std::shared_ptr<const IndicatorSet> loaded(std::vector<TextFile> files) {
    auto set = IndicatorSet::load(std::move(files));
    EXPECT_TRUE(set) << yaml::to_error(set.error()).message;
    return set ? *set : std::make_shared<const IndicatorSet>();
}

std::string problem(std::string yaml) {
    const auto set = IndicatorSet::load({{"list.yaml", std::move(yaml)}});
    return set ? "none" : yaml::to_error(set.error()).message;
}

TEST(Indicators, MatchesANameAndNamesBelowIt) {
    const auto set = loaded({{"a", made("pool pool.test monero\n")}});
    for (const char* name : {"pool.test", "xmr.eu.pool.test"}) {
        const auto found = set->find(name);
        ASSERT_TRUE(found) << name;
        EXPECT_EQ(*found, (Indicator{IndicatorKind::pool, "test.list", "pool.test", "monero"}));
    }
    for (const char* name : {"", "test", "notpool.test", "pool.test.example", "pool.tes"})
        EXPECT_FALSE(set->find(name)) << name;
}

TEST(Indicators, PrefersTheExactAndTheLongestName) {
    const auto set = loaded({{"a", made("pool pool.test\nsite www.pool.test\nsite =pool.test\n")}});
    EXPECT_EQ(set->find("pool.test")->kind, IndicatorKind::site);
    EXPECT_EQ(set->find("www.pool.test")->kind, IndicatorKind::site);
    EXPECT_EQ(set->find("a.www.pool.test")->kind, IndicatorKind::site);
    EXPECT_EQ(set->find("eu.pool.test")->kind, IndicatorKind::pool);
}

TEST(Indicators, AListHidesItsNames) {
    const std::string list = made("pool very-secret.test monero # very-secret\n");
    EXPECT_EQ(list.find("very-secret"), std::string::npos);
    // Another salt gives other digests, so lists cannot be compared.
    const auto other = make_indicator_list({"plain", "pool very-secret.test monero\n"}, "test.list",
                                           "1", IntelSalt{{9}});
    EXPECT_NE(*other, list);
    EXPECT_EQ(list, made("pool very-secret.test monero\n"));
}

TEST(Indicators, SearchesSeveralLists) {
    const auto set = loaded(
        {{"b", made("site pool.test\n", "b.list")}, {"a", made("pool pool.test\n", "a.list")}});
    EXPECT_EQ(set->find("pool.test")->list, "a.list");
    EXPECT_EQ(set->size(), 2U);
}

TEST(Indicators, SharedNetworksAndEncryptedResolvers) {
    const auto set = loaded({{"a", R"(
intel: {id: a, version: "1"}
shared: {suffixes: [cdn.example], networks: ["192.0.2.0/24", "2001:db8::/32"]}
encrypted_resolvers: ["9.9.9.9"]
)"}});
    EXPECT_TRUE(set->is_shared_name("x.cdn.example"));
    EXPECT_TRUE(set->is_shared_name("cdn.example"));
    EXPECT_FALSE(set->is_shared_name("xcdn.example"));
    EXPECT_TRUE(set->is_shared_address(*parse_ip_address("192.0.2.9")));
    EXPECT_TRUE(set->is_shared_address(*parse_ip_address("2001:db8::1")));
    EXPECT_FALSE(set->is_shared_address(*parse_ip_address("192.0.3.9")));
    EXPECT_TRUE(set->is_encrypted_resolver(*parse_ip_address("9.9.9.9")));
}

TEST(Indicators, RefusesInvalidListsWithTheirPosition) {
    const std::string head = "intel: {id: a, version: \"1\", salt: \"" + to_hex(salt) + "\"}\n";
    EXPECT_EQ(problem(head), "none");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"names: []\n", "list.yaml:1:1"},
        {"intel: {id: a, version: \"1\", salt: abc}\n", "32 hexadecimal digits"},
        {"intel: {id: a, version: \"1\"}\nnames: []\n", "list.yaml:2:8: names need a \"salt\""},
        {"intel: {id: A B, version: \"1\"}\n", "is not an id"},
        {head + "names: {}\n", "must be a list of groups"},
        {head + "names: [{kind: mine, digests: []}]\n", "expected pool or site"},
        {head + "names: [{kind: pool}]\n", "digests"},
        {head + "names: [{kind: pool, digests: [zz]}]\n", "list.yaml:2:32: a digest must be"},
        {head + "names: [{kind: pool, digests: [[]]}]\n", "expected a text"},
        {head + "names: [{kind: pool, coin: 'a b', digests: []}]\n", "invalid coin"},
        {head + "names: [{kind: pool, digests: [\"" + std::string(32, 'a') + "\", \"" +
             std::string(32, 'A') + "\"]}]\n",
         "duplicate digest"},
        {head + "nam: []\n", "nam"},
        {head + "shared: {suffixes: [com]}\n", "expected a host name"},
        {head + "shared: {networks: [\"1.2.3.4/40\"]}\n", "expected a network"},
        {head + "encrypted_resolvers: [dns.example]\n", "expected an address"},
    };
    for (const auto& [yaml, expected] : cases)
        EXPECT_NE(problem(yaml).find(expected), std::string::npos) << yaml << "\n" << problem(yaml);
    const auto twice = IndicatorSet::load({{"a", head}, {"b", head}});
    ASSERT_FALSE(twice);
    EXPECT_NE(yaml::to_error(twice.error()).message.find("duplicate list id"), std::string::npos);
}

TEST(Indicators, RefusesInvalidPlainLinesWithTheirLine) {
    for (const char* plain :
         {"pool\n", "pool com\n", "pool UPPER.test\n", "mine a.test\n", "pool a.test b c\n",
          "pool a.test b=c\n", "pool a..test\n", "pool a.test\npool a.test\n"}) {
        const auto list = make_indicator_list({"plain.txt", plain}, "a", "1", salt);
        ASSERT_FALSE(list) << plain;
        EXPECT_EQ(yaml::to_error(list.error()).message.find("plain.txt:"), 0U) << plain;
    }
}

TEST(Indicators, RegistrableDomains) {
    for (const auto& [name, domain] :
         std::vector<std::pair<const char*, const char*>>{{"a.b.example.com", "example.com"},
                                                          {"example.com", "example.com"},
                                                          {"a.example.com.cn", "example.com.cn"},
                                                          {"example.co.uk", "example.co.uk"},
                                                          {"com.cn", "com.cn"},
                                                          {"localhost", "localhost"},
                                                          {"", ""}})
        EXPECT_EQ(registrable_domain(name), domain) << name;
}

class ShippedLists : public ::testing::Test {
  protected:
    static std::string text(const char* name) {
        const auto content =
            read_file(std::string(MINEWARDEN_SOURCE_DIR "/rules/intel/") + name, 1 << 20);
        EXPECT_TRUE(content);
        return content ? *content : std::string();
    }
};

TEST_F(ShippedLists, MatchTheirPlainForm) {
    // pools.yaml is the output of the tool for pools.txt, after a licence line.
    const std::string shipped = text("pools.yaml");
    const std::string mark = "salt: \"";
    const std::string hex = shipped.substr(shipped.find(mark) + mark.size(), 32);
    const auto its_salt = IntelSalt::from(as_bytes(*from_hex(hex)));
    const std::string version_mark = "version: \"";
    const std::size_t at = shipped.find(version_mark) + version_mark.size();
    const std::string version = shipped.substr(at, shipped.find('"', at) - at);
    const auto made_now = make_indicator_list({"pools.txt", text("pools.txt")}, "minewarden.pools",
                                              version, *its_salt);
    ASSERT_TRUE(made_now) << yaml::to_error(made_now.error()).message;
    EXPECT_EQ(shipped, "# SPDX-License-Identifier: Apache-2.0\n" + *made_now);
}

TEST_F(ShippedLists, KnowPoolsAndTheirSites) {
    const auto set =
        loaded({{"pools.yaml", text("pools.yaml")}, {"networks.yaml", text("networks.yaml")}});
    EXPECT_EQ(set->find("pool.supportxmr.com")->kind, IndicatorKind::pool);
    EXPECT_EQ(set->find("www.supportxmr.com")->kind, IndicatorKind::site);
    EXPECT_EQ(set->find("xmr-eu1.nanopool.org")->kind, IndicatorKind::pool);
    EXPECT_EQ(set->find("nanopool.org")->kind, IndicatorKind::site);
    for (const char* name :
         {"github.com", "example.org", "xmrig.com", "getmonero.org", "debian.org"})
        EXPECT_FALSE(set->find(name)) << name;
    EXPECT_TRUE(set->is_shared_address(*parse_ip_address("104.16.1.1")));
    EXPECT_TRUE(set->is_encrypted_resolver(*parse_ip_address("223.5.5.5")));
}

} // namespace
} // namespace minewarden::rules
