// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/evidence.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Evidence that refutes one connection does not refute what another connection showed.
namespace minewarden::rules {
namespace {

using test::judge;
using enum Family;
using Entities = std::vector<std::int64_t>;

const Entities first{1};
const Entities second{2};
const Entities both{1, 2};

WeighedEvidence about(const Entities& entities, Family family, MilliNats weight) {
    return {family, weight, 0, entities};
}

TEST(ScopedRefutation, CountsOnTheSameConnection) {
    const Verdict verdict =
        judge({about(first, protocol, 12'500), about(first, protocol, -9000)}, {});
    EXPECT_EQ(verdict.certainty, Certainty::none);
}

TEST(ScopedRefutation, DoesNotCountOnAnotherConnection) {
    const Verdict verdict =
        judge({about(first, protocol, 12'500), about(second, protocol, -9000)}, {});
    EXPECT_EQ(verdict.certainty, Certainty::probable);
    EXPECT_EQ(verdict.log_odds, -9210 + 12'500);
}

TEST(ScopedRefutation, ARuleThatHeldOnTwoConnectionsStillHoldsOnOne) {
    EXPECT_EQ(judge({about(both, protocol, 12'500), about(second, protocol, -9000)}, {}).certainty,
              Certainty::probable);
    EXPECT_EQ(judge({about(both, protocol, 12'500), about(both, protocol, -9000)}, {}).certainty,
              Certainty::none);
}

TEST(ScopedRefutation, ManyRefutationsOfOneConnectionDoNotHideAnother) {
    test::Evidence evidence{about(first, protocol, 12'500)};
    for (int i = 0; i < 10; ++i) evidence.push_back(about(second, protocol, -20'000));
    EXPECT_EQ(judge(evidence, {}).certainty, Certainty::probable);
}

TEST(ScopedRefutation, EvidenceAgainstTheSubjectCountsOnAllConnections) {
    EXPECT_EQ(judge({about(first, protocol, 12'500), about({}, load, -3000)}, {}).log_odds,
              -9210 + 12'500 - 3000);
    EXPECT_EQ(judge({about(first, protocol, 12'500), about({}, load, -3000),
                     about(second, protocol, -9000)},
                    {})
                  .log_odds,
              -9210 + 12'500 - 3000);
}

TEST(ScopedRefutation, RefutingAConnectionDoesNotRefuteTheSubject) {
    EXPECT_EQ(judge({about({}, compute, 16'000), about(first, protocol, -9000)}, {}).certainty,
              Certainty::probable);
}

TEST(ScopedRefutation, RefutedEvidenceDoesNotSupportOtherEvidence) {
    // Without the refuted connection there is one family left, which does not confirm.
    const Verdict verdict = judge({about({}, compute, 16'000), about(first, protocol, 12'500),
                                   about(first, protocol, -16'000)},
                                  {});
    EXPECT_EQ(verdict.certainty, Certainty::probable);
}

TEST(ScopedRefutation, EndsWhenTheRefutationHasAged) {
    WeighedEvidence old = about(first, protocol, -9000);
    old.age = static_cast<std::int64_t>(test::shipped_numbers().refuting_decay.size());
    EXPECT_EQ(judge({about(first, protocol, 12'500), old}, {}).certainty, Certainty::probable);
}

// A subject cannot lower its certainty by opening another connection that is refuted.
RC_GTEST_PROP(ScopedRefutation, AnAdditionalRefutedConnectionChangesNothing, ()) {
    test::Evidence evidence;
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i)
        evidence.push_back(about(first, *rc::gen::element(protocol, compute, destination, memory),
                                 *rc::gen::inRange<MilliNats>(0, 16'001)));
    const Verdict before = judge(evidence, {});
    evidence.push_back(about(second, *rc::gen::element(protocol, compute, destination, memory),
                             *rc::gen::inRange<MilliNats>(-20'000, 0)));
    const Verdict after = judge(evidence, {});
    RC_ASSERT(after.certainty == before.certainty);
    RC_ASSERT(after.log_odds == before.log_odds);
}

} // namespace
} // namespace minewarden::rules
