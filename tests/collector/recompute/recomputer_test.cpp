// SPDX-License-Identifier: Apache-2.0
// Recomputes verdicts from a real database.
#include "collector/recompute/check_finding.h"
#include "collector/recompute/recomputer.h"
#include "tests/collector/support/proven.h"
#include "tests/collector/support/samples.h"
#include "tests/collector/support/test_database.h"

#include <gtest/gtest.h>

#include <thread>

namespace minewarden::collector {
namespace {

using rules::ClaimResult;
using test::finding_of;
using test::invented_record;
using test::new_year;
using test::proven_record;
using test::random_id;
using namespace std::chrono_literals;

class RecomputerTest : public test::WithDatabase {
  protected:
    void SetUp() override {
        WithDatabase::SetUp();
        if (IsSkipped()) return;
        store_ = open_store();
        ASSERT_TRUE(store_);
        const std::vector<Arrival> opening{test::sample_opening(stream_)};
        ASSERT_TRUE(store_->commit(opening, new_year));
    }
    void send_rules() {
        const std::string bytes = test::to_wire(*test::proven_rules()).SerializeAsString();
        commit(test::SampleDelivery(stream_).add(
            ++sequence_, RuleSetArrival{test::proven_rules()->digest(), as_bytes(bytes)}));
    }
    Cursor send(const wire::Finding& finding) {
        return commit(test::SampleDelivery(stream_).add(++sequence_, finding));
    }
    Cursor commit(const test::SampleDelivery& delivery) {
        const std::vector<Arrival> arrivals{delivery.get()};
        const auto outcome = store_->commit(arrivals, new_year);
        EXPECT_TRUE(outcome);
        return outcome ? outcome->last_finding : Cursor();
    }
    std::unique_ptr<Recomputer> start(RecomputeOptions options = {}) {
        options.round = 10ms;
        return std::make_unique<Recomputer>(*store_, counters_, options);
    }
    std::optional<Recomputation> wait_for(Cursor cursor) {
        for (int i = 0; i < 1000; ++i) {
            auto found = store_->finding_at(cursor);
            if (found && *found && (*found)->recomputation) return (*found)->recomputation;
            std::this_thread::sleep_for(10ms);
        }
        return std::nullopt;
    }
    /// The result for this finding.
    Recomputation recomputed(const wire::Finding& finding) {
        const Cursor cursor = send(finding);
        const auto recomputer = start();
        recomputer->note_commit(cursor);
        const auto found = wait_for(cursor);
        EXPECT_TRUE(found);
        return found.value_or(Recomputation{});
    }

    /// The number of versions with a result.
    std::size_t results() {
        std::size_t count = 0;
        const auto page = store_->findings_after({}, Cursor(), 1000);
        for (const FindingSummary& found : page->findings) count += found.recomputation ? 1 : 0;
        return count;
    }

    std::unique_ptr<Store> store_;
    RecomputeCounters counters_;
    StreamKey stream_{CurveKeyPair::generate().public_key(), random_id<StreamId>()};
    std::uint64_t sequence_ = 0;
};

TEST_P(RecomputerTest, MatchesAVerdictThatFollowsFromItsEvidence) {
    send_rules();
    const auto recomputation = recomputed(finding_of(proven_record(), stream_.agent));
    EXPECT_EQ(recomputation.result, ClaimResult::matched);
    EXPECT_TRUE(recomputation.differences.empty());
    EXPECT_GT(recomputation.made_at.ns, new_year.ns);
    EXPECT_EQ(counters_.matched, 1u);
    EXPECT_EQ(counters_.mismatched, 0u);
}

TEST_P(RecomputerTest, DetectsAnInventedCertainty) {
    send_rules();
    const auto recomputation = recomputed(finding_of(invented_record(), stream_.agent));
    EXPECT_EQ(recomputation.result, ClaimResult::mismatched);
    ASSERT_FALSE(recomputation.differences.empty());
    EXPECT_EQ(recomputation.differences[0],
              (rules::Difference{"certainty", "confirmed", "suspected"}));
    EXPECT_EQ(counters_.mismatched, 1u);
    // The finding is stored unchanged, and marked.
    const auto page = store_->findings_after({.mismatched_only = true}, Cursor(), 10);
    ASSERT_EQ(page->findings.size(), 1u);
    EXPECT_EQ(page->findings[0].finding.certainty(), wire::CERTAINTY_CONFIRMED);
    EXPECT_EQ(page->findings[0].recomputation, recomputation);
    EXPECT_EQ(store_->status()->mismatched, 1u);
}

TEST_P(RecomputerTest, DetectsAFindingThatExceedsItsRecord) {
    send_rules();
    wire::Finding finding = finding_of(proven_record(), stream_.agent);
    finding.set_certainty(wire::CERTAINTY_CONFIRMED);
    finding.mutable_subject()->mutable_process()->set_pid(1);
    const auto recomputation = recomputed(finding);
    EXPECT_EQ(recomputation.result, ClaimResult::mismatched);
    ASSERT_EQ(recomputation.differences.size(), 2u);
    EXPECT_EQ(recomputation.differences[0],
              (rules::Difference{"finding.certainty", "confirmed", "suspected"}));
    EXPECT_EQ(recomputation.differences[1].field, "finding.subject");
}

TEST_P(RecomputerTest, DetectsAForeignFindingId) {
    send_rules();
    const auto other = CurveKeyPair::generate().public_key();
    const auto recomputation =
        recomputed(finding_of(proven_record(), other)); // sent by stream_.agent
    EXPECT_EQ(recomputation.result, ClaimResult::mismatched);
    ASSERT_EQ(recomputation.differences.size(), 1u);
    EXPECT_EQ(recomputation.differences[0].field, "finding.id");
}

TEST_P(RecomputerTest, ReportsMissingRules) {
    const auto recomputation = recomputed(finding_of(proven_record(), stream_.agent));
    EXPECT_EQ(recomputation.result, ClaimResult::rules_missing);
    EXPECT_NE(recomputation.problem.find(to_hex(test::proven_rules()->digest())),
              std::string::npos);
    EXPECT_EQ(counters_.rules_missing, 1u);
}

TEST_P(RecomputerTest, ReportsAnUnreadableRecord) {
    const auto recomputation = recomputed(test::sample_finding());
    EXPECT_EQ(recomputation.result, ClaimResult::unreadable);
    EXPECT_FALSE(recomputation.problem.empty());
    EXPECT_EQ(counters_.unreadable, 1u);
}

TEST_P(RecomputerTest, MatchesAFindingWhoseEvidenceEnded) {
    send_rules();
    rules::VerdictRecord end = proven_record();
    end.carried = end.verdict.next;
    end.evidence[0].age = 12;
    const std::vector<rules::WeighedEvidence> weighed{{rules::Family::protocol, 9500, 12}};
    end.verdict = rules::judge(weighed, end.carried, test::proven_rules()->numbers());
    ASSERT_EQ(end.verdict.certainty, rules::Certainty::none);
    wire::Finding finding = finding_of(end, stream_.agent);
    finding.set_state(wire::FINDING_STATE_CLOSED);
    finding.set_certainty(wire::CERTAINTY_SUSPECTED);
    EXPECT_EQ(recomputed(finding).result, ClaimResult::matched);
    finding.set_certainty(wire::CERTAINTY_CONFIRMED); // a forged certainty at the end
    finding.set_version(2);
    EXPECT_EQ(recomputed(finding).result, ClaimResult::mismatched);
}

TEST_P(RecomputerTest, ASecondResultReplacesTheFirst) {
    const Cursor cursor = send(finding_of(proven_record(), stream_.agent));
    const auto put = [&](const Recomputation& recomputation) {
        const auto unit = store_->begin();
        ASSERT_TRUE(unit);
        ASSERT_TRUE((*unit)->put(std::vector<RecomputedFinding>{{cursor, recomputation}}));
        ASSERT_TRUE((*unit)->commit());
    };
    put({ClaimResult::rules_missing, {}, "x", {1}});
    const Recomputation later{ClaimResult::matched, {}, "", {2}};
    put(later);
    EXPECT_EQ((*store_->finding_at(cursor))->recomputation, later);
}

TEST_P(RecomputerTest, SkipsAndCountsVersionsBeyondTheBudget) {
    send_rules();
    Cursor last;
    for (std::uint32_t pid = 1; pid <= 50; ++pid)
        last = send(finding_of(proven_record(pid), stream_.agent));
    const auto recomputer = start({.sample = {.budget = 20}});
    recomputer->note_commit(last);
    for (int i = 0; i < 12000 && counters_.matched + counters_.skipped < 50; ++i)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(counters_.matched, 20u);
    EXPECT_EQ(counters_.skipped, 30u);
}

TEST_P(RecomputerTest, ContinuesAfterARestart) {
    send_rules();
    const Cursor first = send(finding_of(proven_record(1), stream_.agent));
    auto recomputer = start();
    ASSERT_TRUE(wait_for(first));
    recomputer.reset();
    EXPECT_EQ(*store_->follower_position(Recomputer::follower_name), first);
    const Cursor second = send(finding_of(proven_record(2), stream_.agent));
    recomputer = start();
    ASSERT_TRUE(wait_for(second));
    recomputer.reset();
    EXPECT_EQ(counters_.matched, 2u) << "the first was done";
}

TEST_P(RecomputerTest, DropsARangeOfAnotherCollector) {
    send_rules();
    const Cursor first = send(finding_of(proven_record(1), stream_.agent));
    const auto move = [&](std::optional<Cursor> from, Cursor to) {
        const auto unit = store_->begin();
        EXPECT_TRUE(unit);
        const auto moved = (*unit)->advance(Recomputer::follower_name, from, to);
        EXPECT_TRUE(moved);
        if (*moved) {
            EXPECT_TRUE((*unit)->commit());
        }
        return *moved;
    };
    EXPECT_TRUE(move(std::nullopt, first));
    EXPECT_FALSE(move(std::nullopt, first)) << "it is not there any more";
    const Cursor second = send(finding_of(proven_record(2), stream_.agent));
    EXPECT_FALSE(move(second, second));
    auto recomputer = start();
    ASSERT_TRUE(wait_for(second));
    recomputer.reset();
    EXPECT_EQ(results(), 1u);
    EXPECT_FALSE((*store_->finding_at(first))->recomputation);
}

TEST_P(RecomputerTest, StopsWithinALargeRoundAndKeepsItsResults) {
    send_rules();
    Cursor last;
    for (std::uint32_t pid = 1; pid <= 200; ++pid)
        last = send(finding_of(proven_record(pid), stream_.agent));
    auto recomputer = start();
    recomputer->note_commit(last);
    recomputer.reset();
    EXPECT_EQ(results(), counters_.matched);
}

FOR_EACH_DATABASE(RecomputerTest);

} // namespace
} // namespace minewarden::collector
