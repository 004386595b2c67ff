// SPDX-License-Identifier: Apache-2.0
#include "agent/visibility/gap_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace minewarden::agent {
namespace {

TEST(GapReport, ReportsEachLossOnce) {
    GapReport report({100});
    const std::array losses{Loss{"A", 0, "a"}, Loss{"B", 3, "b"}};
    const auto gaps = report.take(losses, {200});
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0].place, "B");
    EXPECT_EQ(gaps[0].lost, 3U);
    EXPECT_EQ(gaps[0].from.ns, 100);
    EXPECT_EQ(gaps[0].until.ns, 200);
    EXPECT_EQ(gaps[0].meaning, "b");
    EXPECT_TRUE(report.take(losses, {300}).empty());
}

TEST(GapReport, ReportsTheGrowthOfATotalSinceTheLastCall) {
    GapReport report({100});
    (void)report.take(std::array{Loss{"A", 3, ""}}, {200});
    (void)report.take({}, {300});
    const auto gaps = report.take(std::array{Loss{"A", 8, ""}}, {400});
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(gaps[0].lost, 5U);
    EXPECT_EQ(gaps[0].from.ns, 300);
}

TEST(GapReport, ReportsOnlyPlacesThatAreGaps) {
    PlaceCounts counts;
    counts[Place::flow_forgotten] = 2;
    counts[Place::dns_malformed] = 7;
    std::vector<Loss> losses = losses_of(counts);
    std::erase_if(losses, [](const Loss& loss) { return loss.total == 0; });
    ASSERT_EQ(losses.size(), 1U);
    EXPECT_EQ(losses[0].place, "FLOW_FORGOTTEN");
}

TEST(Place, HasANameOfItsOwnAndAMeaning) {
    std::set<std::string_view> names;
    for (const PlaceSpec& spec : place_specs) {
        names.insert(spec.name);
        EXPECT_FALSE(spec.meaning.empty()) << spec.name;
    }
    EXPECT_EQ(names.size(), place_specs.size());
}

} // namespace
} // namespace minewarden::agent
