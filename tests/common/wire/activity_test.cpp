// SPDX-License-Identifier: Apache-2.0
#include "common/wire/activity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace minewarden {
namespace {

// The agreed names. Other systems store them, so they must not change by accident.
constexpr const char* names[] = {"mining.pow.cpu",
                                 "mining.pow.gpu",
                                 "mining.pool.client",
                                 "mining.pool.proxy",
                                 "mining.pool.operate",
                                 "mining.browser",
                                 "mining.space.plot",
                                 "mining.space.farm",
                                 "mining.storage",
                                 "node.full",
                                 "node.archive",
                                 "node.rpc",
                                 "node.indexer",
                                 "node.hosted",
                                 "node.sim",
                                 "node.l2.sequencer",
                                 "node.l2.prover",
                                 "stake.validate",
                                 "depin.compute",
                                 "depin.bandwidth",
                                 "depin.storage",
                                 "chain.permissioned",
                                 "chain.paas",
                                 "token.issue",
                                 "token.exchange",
                                 "net.transit",
                                 "net.scan",
                                 "node.light",
                                 "app.web3",
                                 "net.openproxy",
                                 "residue",
                                 "benign.compute",
                                 "unknown"};

TEST(Activity, HasTheAgreedList) {
    std::set<std::string> expected(std::begin(names), std::end(names));
    std::set<std::string> found;
    for (const Activity& activity : Activity::all()) found.insert(activity.name());
    EXPECT_EQ(found, expected);
    EXPECT_EQ(Activity::all().size(), expected.size()) << "no name twice";
    EXPECT_EQ(activity_names().size(), expected.size());
}

TEST(Activity, EachHasATitleInBothLanguages) {
    for (const Activity& activity : Activity::all()) {
        EXPECT_FALSE(activity.title().en.empty()) << activity.name();
        EXPECT_FALSE(activity.title().zh.empty()) << activity.name();
    }
}

TEST(Activity, IsFoundOnlyByItsExactName) {
    for (const char* name : names) {
        const auto activity = Activity::find(name);
        ASSERT_TRUE(activity) << name;
        EXPECT_EQ(activity->name(), name);
    }
    for (const char* name : {"", "mining", "mining.pow", "Mining.pow.cpu", "mining.pow.cpu ",
                             "mining.pow.cpu.", "mining.pow.cp"})
        EXPECT_FALSE(Activity::find(name)) << name;
}

TEST(Activity, IsUnderItsPrefixes) {
    const Activity activity = *Activity::find("mining.pow.cpu");
    EXPECT_TRUE(activity.is_under("mining.pow.cpu"));
    EXPECT_TRUE(activity.is_under("mining.pow"));
    EXPECT_TRUE(activity.is_under("mining"));
}

TEST(Activity, PrefixesEndWithALabel) {
    const Activity activity = *Activity::find("mining.pow.cpu");
    for (const char* prefix : {"min", "mining.p", "mining.pow.cp", "mining.", "mining.pow.",
                               "mining.pow.cpu.x", "node", "pow"})
        EXPECT_FALSE(activity.is_under(prefix)) << prefix;
}

} // namespace
} // namespace minewarden
