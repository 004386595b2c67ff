// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/evidence.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Evidence that sees the same thing in different ways: of a group only the strongest counts.
namespace minewarden::rules {
namespace {

using test::Evidence;
using test::judge;
using test::shipped_numbers;
using enum Family;

WeighedEvidence in_group(std::string_view group, MilliNats weight, std::int64_t age = 0,
                         std::span<const std::int64_t> entities = {}) {
    return {protocol, weight, age, entities, group};
}

MilliNats of_protocol(const Evidence& given) {
    return judge(given, {}).by_family[static_cast<std::size_t>(protocol)];
}

TEST(EvidenceGroup, CountsItsStrongestMemberOnly) {
    EXPECT_EQ(of_protocol({in_group("a", 4000), in_group("a", 6000), in_group("a", 5000)}), 6000);
    EXPECT_EQ(of_protocol({in_group("a", 4000), in_group("b", 6000)}), 10'000);
    EXPECT_EQ(of_protocol({in_group("a", 4000), in_group("", 6000), in_group("", 6000)}), 16'000);
}

TEST(EvidenceGroup, ComparesWhatCountsNowNotTheWeights) {
    // 6000 that is five windows old counts 1500.
    EXPECT_EQ(of_protocol({in_group("a", 6000, 5), in_group("a", 2000)}), 2000);
}

TEST(EvidenceGroup, DoesNotLimitEvidenceAgainst) {
    EXPECT_EQ(of_protocol({in_group("a", -4000), in_group("a", -3000), in_group("a", 9000)}), 2000);
}

TEST(EvidenceGroup, ChoosesAmongWhatIsNotRefuted) {
    const std::vector<std::int64_t> refuted{1};
    const std::vector<std::int64_t> other{2};
    const Evidence given{in_group("a", 12'000, 0, refuted), in_group("a", 11'000, 0, other),
                         in_group("a", -9000, 0, refuted)};
    EXPECT_EQ(of_protocol(given), 11'000);
}

TEST(EvidenceGroup, ShowsWhatCountsOfEachPiece) {
    const Evidence given{in_group("a", 4000), in_group("a", 6000), in_group("", 1000),
                         in_group("a", 6000), in_group("a", -500)};
    EXPECT_EQ(counted_strengths(given, shipped_numbers()),
              (std::vector<MilliNats>{0, 6000, 1000, 0, -500}));
}

RC_GTEST_PROP(EvidenceGroup, IsNeverMoreThanItsStrongestMember, ()) {
    Evidence given;
    MilliNats strongest = 0;
    for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
        given.push_back(in_group("a", *rc::gen::inRange<MilliNats>(1, 12'000),
                                 *rc::gen::inRange<std::int64_t>(0, 16)));
        strongest = std::max(strongest, test::strength(given.back()));
    }
    RC_ASSERT(of_protocol(given) == strongest);
}

} // namespace
} // namespace minewarden::rules
