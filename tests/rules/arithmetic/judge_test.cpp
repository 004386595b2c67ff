// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/evidence.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

/// The arithmetic of one verdict.
namespace minewarden::rules {
namespace {

using test::evidence;
using test::Evidence;
using test::judge;
using test::shipped_numbers;
using test::strength;
using enum Family;

constexpr Family all_families[] = {protocol,    destination, flow_shape,  compute, memory,
                                   preparation, provenance,  concealment, load};

const MilliNats prior = shipped_numbers().prior;

MilliNats cap_of(Family family) {
    return shipped_numbers().cap_of(family);
}
Verdict judged(const Evidence& given) {
    return judge(given, {});
}
MilliNats of(const Verdict& verdict, Family family) {
    return verdict.by_family[static_cast<std::size_t>(family)];
}

TEST(Verdict, WithoutEvidenceTheLogOddsAreThePrior) {
    const Verdict verdict = judged({});
    EXPECT_EQ(verdict.log_odds, -9210);
    EXPECT_EQ(verdict.certainty, Certainty::none);
    EXPECT_EQ(verdict.next, CarriedState{});
    for (const Family family : all_families) EXPECT_EQ(of(verdict, family), 0);
}

TEST(Verdict, AddsWeightsToThePrior) {
    const Verdict verdict =
        judged({evidence(protocol, 4000), evidence(compute, 3000), evidence(memory, -500)});
    EXPECT_EQ(verdict.log_odds, -9210 + 4000 + 3000 - 500);
    EXPECT_EQ(of(verdict, protocol), 4000);
    EXPECT_EQ(of(verdict, compute), 3000);
    EXPECT_EQ(of(verdict, memory), -500);
}

TEST(Verdict, AThresholdIncludesItsOwnValue) {
    const auto certainty = [](MilliNats log_odds) {
        // Use two families, so that the rules about families do not apply.
        const MilliNats weight = log_odds - prior - 4000;
        return judged({evidence(protocol, weight), evidence(compute, 4000)}).certainty;
    };
    EXPECT_EQ(certainty(-1), Certainty::none);
    EXPECT_EQ(certainty(0), Certainty::suspected);
    EXPECT_EQ(certainty(2943), Certainty::suspected);
    EXPECT_EQ(certainty(2944), Certainty::probable);
    EXPECT_EQ(certainty(6906), Certainty::probable);
    EXPECT_EQ(certainty(6907), Certainty::confirmed);
}

TEST(Verdict, AFamilyCountsUpToItsCap) {
    for (const Family family : all_families) {
        const MilliNats cap = cap_of(family);
        ASSERT_GT(cap, 0) << to_string(family);
        EXPECT_EQ(of(judged({evidence(family, cap)}), family), cap);
        EXPECT_EQ(of(judged({evidence(family, cap + 1)}), family), cap);
        EXPECT_EQ(of(judged({evidence(family, cap), evidence(family, cap)}), family), cap);
        EXPECT_EQ(of(judged({evidence(family, -cap - 1)}), family), -cap);
    }
}

TEST(Verdict, StrengthsOfAFamilyAreSummedBeforeTheCap) {
    const MilliNats cap = cap_of(compute);
    EXPECT_EQ(of(judged({evidence(compute, cap + 1000), evidence(compute, -400)}), compute), cap);
    EXPECT_EQ(of(judged({evidence(compute, cap), evidence(compute, -400)}), compute), cap - 400);
}

TEST(Verdict, ManyWeakFactsOfOneFamilyAreNotEnough) {
    for (const Family family : {flow_shape, memory, preparation, provenance, concealment, load})
        EXPECT_EQ(judged(Evidence(10, evidence(family, 20'000))).certainty, Certainty::none)
            << to_string(family);
}

TEST(Verdict, OneFamilyAloneDoesNotConfirm) {
    for (const Family family : all_families)
        EXPECT_LT(judged(Evidence(10, evidence(family, 20'000))).certainty, Certainty::confirmed)
            << to_string(family);
}

TEST(Verdict, TwoFamiliesConfirm) {
    EXPECT_EQ(judged({evidence(protocol, 12'500), evidence(compute, 16'000)}).certainty,
              Certainty::confirmed);
    EXPECT_EQ(judged({evidence(protocol, 16'000), evidence(memory, 2303)}).certainty,
              Certainty::confirmed);
    EXPECT_EQ(
        judged({evidence(destination, 9000), evidence(flow_shape, 6000), evidence(memory, 3000)})
            .certainty,
        Certainty::confirmed);
}

TEST(Verdict, ASecondFamilyNeedsTenToOne) {
    EXPECT_EQ(judged({evidence(protocol, 16'000), evidence(memory, 2302)}).certainty,
              Certainty::probable);
    EXPECT_EQ(judged({evidence(protocol, 16'000), evidence(memory, 2303)}).certainty,
              Certainty::confirmed);
}

TEST(Verdict, ConfirmedNeedsADecisiveFamily) {
    // The sum is high, but there is neither protocol, compute nor destination.
    const Evidence indirect{evidence(flow_shape, 6000), evidence(memory, 5000),
                            evidence(preparation, 4000), evidence(concealment, 4000),
                            evidence(provenance, 3000)};
    const Verdict verdict = judged(indirect);
    EXPECT_EQ(verdict.log_odds, -9210 + 22'000);
    EXPECT_EQ(verdict.certainty, Certainty::probable);
}

TEST(Verdict, ADecisiveFamilyMustSupport) {
    EXPECT_EQ(
        judged({evidence(flow_shape, 6000), evidence(memory, 5000), evidence(preparation, 4000),
                evidence(concealment, 4000), evidence(protocol, 2302)})
            .certainty,
        Certainty::probable);
}

TEST(Verdict, LoadAloneGivesAtMostSuspected) {
    // The others stay below ten to one, so only load supports.
    const Verdict verdict =
        judged({evidence(load, 3000), evidence(protocol, 2302), evidence(destination, 2302),
                evidence(flow_shape, 2302), evidence(compute, 2302), evidence(memory, 2302),
                evidence(preparation, 2302)});
    EXPECT_EQ(verdict.log_odds, -9210 + 3000 + 6 * 2302);
    EXPECT_EQ(verdict.certainty, Certainty::suspected);
}

TEST(Verdict, RefutingFamiliesLowerTheLogOdds) {
    const Verdict verdict =
        judged({evidence(compute, 16'000), evidence(load, -3000), evidence(provenance, -3000)});
    EXPECT_EQ(verdict.log_odds, -9210 + 10'000);
    EXPECT_EQ(verdict.certainty, Certainty::suspected);
}

TEST(Strength, SupportingWeightsDecayByTheirTable) {
    EXPECT_EQ(strength(evidence(compute, 16'000, 0)), 16'000);
    const auto& decay = shipped_numbers().decay;
    for (std::size_t age = 0; age < decay.size(); ++age)
        EXPECT_EQ(strength(evidence(compute, 12'345, static_cast<std::int64_t>(age))),
                  12'345 * decay[age] / 1000)
            << age;
}

TEST(Strength, IsZeroPastTheEndOfTheTable) {
    for (const std::int64_t age : {std::int64_t{30}, std::int64_t{31}, std::int64_t{1000},
                                   std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_EQ(strength(evidence(compute, 20'000, age)), 0) << age;
        EXPECT_EQ(strength(evidence(compute, -20'000, age)), 0) << age;
    }
}

TEST(Strength, RefutingWeightsDecayByTheirOwnTable) {
    EXPECT_EQ(strength(evidence(compute, -3000, 0)), -3000);
    EXPECT_EQ(strength(evidence(compute, -3000, 1)), -1500);
    EXPECT_EQ(strength(evidence(compute, -3000, 2)), 0);
}

TEST(Strength, RoundsTowardZero) {
    EXPECT_EQ(strength(evidence(compute, -3, 1)), -1);
    EXPECT_EQ(strength(evidence(compute, -1, 1)), 0);
    EXPECT_EQ(strength(evidence(compute, 1, 1)), 0);
}

TEST(DecayTable, FallsFromOneToZero) {
    const auto& decay = shipped_numbers().decay;
    EXPECT_EQ(decay.front(), 1000);
    EXPECT_LE(decay.back(), 1) << "the last step is too large";
    for (std::size_t age = 1; age < decay.size(); ++age)
        EXPECT_LE(decay[age], decay[age - 1]) << age;
}

Evidence any_evidence() {
    Evidence made;
    const int count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i)
        made.push_back(evidence(*rc::gen::elementOf(std::vector<Family>(std::begin(all_families),
                                                                        std::end(all_families))),
                                *rc::gen::inRange<MilliNats>(-20'000, 20'001),
                                *rc::gen::inRange<std::int64_t>(0, 35)));
    return made;
}

CarriedState any_carried() {
    return {*rc::gen::element(Certainty::none, Certainty::suspected, Certainty::probable,
                              Certainty::confirmed),
            *rc::gen::inRange<MilliNats>(0, 40'000)};
}

RC_GTEST_PROP(VerdictProperty, TheTotalIsThePriorPlusCappedFamilies, ()) {
    const Evidence given = any_evidence();
    const Verdict verdict = judge(given, any_carried());
    for (const Family family : all_families) {
        MilliNats sum = 0;
        for (const WeighedEvidence& one : given)
            if (one.family == family) sum += strength(one);
        RC_ASSERT(of(verdict, family) == std::clamp(sum, -cap_of(family), cap_of(family)));
    }
    RC_ASSERT(verdict.log_odds ==
              std::accumulate(verdict.by_family.begin(), verdict.by_family.end(), prior));
}

RC_GTEST_PROP(VerdictProperty, TheOrderOfEvidenceDoesNotMatter, ()) {
    const Evidence given = any_evidence();
    const CarriedState carried = any_carried();
    Evidence shuffled = given;
    for (std::size_t i = shuffled.size(); i > 1; --i)
        std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
    RC_ASSERT(judge(given, carried) == judge(shuffled, carried));
}

RC_GTEST_PROP(VerdictProperty, TheHeldCertaintyIsTheCertainty, ()) {
    const Verdict verdict = judge(any_evidence(), any_carried());
    RC_ASSERT(verdict.next.held == verdict.certainty);
}

RC_GTEST_PROP(VerdictProperty, BelowEvenOddsTheCertaintyIsNone, ()) {
    const Verdict verdict = judge(any_evidence(), any_carried());
    RC_ASSERT((verdict.certainty == Certainty::none) ==
              (verdict.log_odds < shipped_numbers().suspected_from));
}

RC_GTEST_PROP(VerdictProperty, TheSameInputGivesTheSameVerdict, ()) {
    const Evidence given = any_evidence();
    const CarriedState carried = any_carried();
    RC_ASSERT(judge(given, carried) == judge(given, carried));
}

} // namespace
} // namespace minewarden::rules
