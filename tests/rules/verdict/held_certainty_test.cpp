// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/evidence.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// While the log-odds stay at even or higher, only refuting evidence lowers a certainty once
/// reached, not the age of the supporting evidence.
namespace minewarden::rules {
namespace {

using test::evidence;
using test::Evidence;
using test::judge;
using test::strength;
using enum Family;

const MilliNats prior = test::shipped_numbers().prior;
const MilliNats suspected_from = test::shipped_numbers().suspected_from;
const MilliNats probable_from = test::shipped_numbers().probable_from;

/// The highest age at which this weight alone gives even odds.
std::int64_t last_age_at_even_odds(MilliNats weight) {
    std::int64_t age = 0;
    while (strength(evidence(protocol, weight, age + 1)) + prior >= suspected_from) ++age;
    return age;
}

TEST(HeldCertainty, IsReachedAndCarriedOn) {
    const Verdict verdict = judge(Evidence{evidence(protocol, 12'500)}, {});
    EXPECT_EQ(verdict.certainty, Certainty::probable);
    EXPECT_EQ(verdict.next.held, Certainty::probable);
    EXPECT_EQ(verdict.next.refuting, 0);
}

TEST(HeldCertainty, DoesNotFallWithAge) {
    const std::int64_t oldest = last_age_at_even_odds(12'500);
    ASSERT_GE(oldest, 1);
    CarriedState carried{Certainty::probable, 0};
    for (std::int64_t age = 1; age <= oldest; ++age) {
        const Verdict verdict = judge(Evidence{evidence(protocol, 12'500, age)}, carried);
        EXPECT_EQ(verdict.certainty, Certainty::probable) << age;
        carried = verdict.next;
    }
    const Verdict last = judge(Evidence{evidence(protocol, 12'500, oldest + 1)}, carried);
    EXPECT_EQ(last.certainty, Certainty::none);
    EXPECT_EQ(last.next, CarriedState{});
}

TEST(HeldCertainty, IsLowerIfItIsNotHeld) {
    const std::int64_t oldest = last_age_at_even_odds(12'500);
    EXPECT_EQ(judge(Evidence{evidence(protocol, 12'500, oldest)}, {}).certainty,
              Certainty::suspected);
}

TEST(HeldCertainty, ConfirmedStaysWhenAFamilyAges) {
    const CarriedState carried =
        judge(Evidence{evidence(protocol, 12'500), evidence(compute, 16'000)}, {}).next;
    ASSERT_EQ(carried.held, Certainty::confirmed);
    EXPECT_EQ(judge(Evidence{evidence(compute, 16'000)}, carried).certainty, Certainty::confirmed);
}

TEST(HeldCertainty, FallsWithNewRefutingEvidence) {
    const CarriedState carried = judge(Evidence{evidence(compute, 16'000)}, {}).next;
    ASSERT_EQ(carried.held, Certainty::probable);
    const Verdict verdict =
        judge(Evidence{evidence(compute, 16'000), evidence(load, -3000), evidence(memory, -2000)},
              carried);
    EXPECT_EQ(verdict.log_odds, 1790);
    EXPECT_EQ(verdict.certainty, Certainty::suspected);
    EXPECT_EQ(verdict.next.held, Certainty::suspected);
}

TEST(HeldCertainty, FallsOnlyAsFarAsTheLogOdds) {
    const CarriedState carried{Certainty::confirmed, 0};
    const Verdict verdict =
        judge(Evidence{evidence(compute, 16'000), evidence(load, -2500)}, carried);
    EXPECT_EQ(verdict.log_odds, 4290);
    EXPECT_EQ(verdict.certainty, Certainty::probable);
}

// Less than ten to one against is easily made up.
TEST(HeldCertainty, DoesNotFallWithLittleRefutingEvidence) {
    const MilliNats lowers = test::shipped_numbers().refuting_lowers_from;
    const CarriedState carried{Certainty::probable, 0};
    const auto against = [&](MilliNats weight) {
        return judge(Evidence{evidence(compute, 12'200), evidence(load, -weight)}, carried);
    };
    EXPECT_EQ(against(lowers - 1).certainty, Certainty::probable);
    EXPECT_EQ(against(lowers - 1).next, carried) << "it does not add up over windows";
    EXPECT_EQ(against(lowers).certainty, Certainty::suspected);
}

TEST(HeldCertainty, DoesNotFallWithRefutingEvidenceThatWasCountedBefore) {
    const Evidence first{evidence(compute, 16'000), evidence(load, -1000)};
    const Verdict reached = judge(first, {});
    ASSERT_EQ(reached.certainty, Certainty::probable);
    ASSERT_NE(reached.next.refuting, 0);
    // The same refuting evidence; the supporting evidence has aged below probable.
    std::int64_t age = 0;
    while (strength(evidence(compute, 16'000, age)) - 1000 + prior >= probable_from) ++age;
    const Evidence later{evidence(compute, 16'000, age), evidence(load, -1000)};
    ASSERT_GE(judge(later, {}).log_odds, suspected_from);
    ASSERT_EQ(judge(later, {}).certainty, Certainty::suspected);
    EXPECT_EQ(judge(later, reached.next).certainty, Certainty::probable);
}

TEST(HeldCertainty, DoesNotFallWhenRefutingEvidenceAges) {
    const Verdict reached = judge(Evidence{evidence(compute, 16'000), evidence(load, -1000)}, {});
    const Verdict later =
        judge(Evidence{evidence(compute, 16'000, 1), evidence(load, -1000, 1)}, reached.next);
    EXPECT_EQ(later.certainty, Certainty::probable);
}

TEST(HeldCertainty, RisesImmediately) {
    const Verdict verdict = judge(Evidence{evidence(protocol, 12'500), evidence(compute, 16'000)},
                                  {Certainty::suspected, 0});
    EXPECT_EQ(verdict.certainty, Certainty::confirmed);
    EXPECT_EQ(verdict.next.held, Certainty::confirmed);
}

TEST(HeldCertainty, DoesNotRiseAgainWithoutEvidence) {
    CarriedState carried = judge(Evidence{evidence(compute, 12'500)}, {}).next;
    ASSERT_EQ(carried.held, Certainty::probable);
    carried = judge(Evidence{evidence(compute, 12'500), evidence(load, -2500)}, carried).next;
    ASSERT_EQ(carried.held, Certainty::suspected);
    const Evidence later{evidence(compute, 12'500, last_age_at_even_odds(12'500))};
    EXPECT_EQ(judge(later, carried).certainty, Certainty::suspected);
}

RC_GTEST_PROP(HeldCertainty, NeverFallsWithoutRefutingEvidence, ()) {
    Evidence given;
    const int count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i)
        given.push_back(evidence(*rc::gen::element(protocol, compute, memory, destination, load),
                                 *rc::gen::inRange<MilliNats>(1, 20'001)));
    CarriedState carried;
    Certainty last = Certainty::none;
    for (std::int64_t age = 0; age < 16; ++age) {
        for (WeighedEvidence& one : given) one.age = age;
        const Verdict verdict = judge(given, carried);
        if (verdict.log_odds < suspected_from) {
            RC_ASSERT(verdict.certainty == Certainty::none);
            return;
        }
        RC_ASSERT(verdict.certainty >= last);
        last = verdict.certainty;
        carried = verdict.next;
    }
}

TEST(CertaintyNames, ParseBack) {
    for (const Certainty certainty :
         {Certainty::none, Certainty::suspected, Certainty::probable, Certainty::confirmed})
        EXPECT_EQ(find_certainty(to_string(certainty)), certainty);
    EXPECT_EQ(find_certainty("sure"), std::nullopt);
    EXPECT_EQ(find_certainty(""), std::nullopt);
}

TEST(FamilyNames, ParseBack) {
    for (const std::string_view name : family_names()) {
        const auto family = find_family(name);
        ASSERT_TRUE(family) << name;
        EXPECT_EQ(to_string(*family), name);
    }
    EXPECT_EQ(find_family("flow_shape"), std::nullopt);
    EXPECT_EQ(find_family("flow-shape"), flow_shape);
}

} // namespace
} // namespace minewarden::rules
