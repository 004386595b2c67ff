// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/recompute.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

namespace minewarden::rules {
namespace {

using test::ended_window;
using test::image;
using test::judged_news;
using test::message;
using test::new_engine;
using test::process;
using test::thread;
using Changes = std::vector<std::string>;

TEST(Engine, WithoutObservationsNothingChanges) {
    Engine engine = new_engine();
    EXPECT_EQ(judged_news(engine), Changes{});
    EXPECT_EQ(ended_window(engine), Changes{});
    EXPECT_EQ(engine.subjects(), 0U);
}

TEST(Engine, AnEventOpensAVerdictAtTheNextJudging) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    EXPECT_TRUE(engine.take_changes().empty()) << "no change before it is judged";
    EXPECT_EQ(judged_news(engine), Changes{"7/1 mining.pool.client probable [login@0]"});
    EXPECT_EQ(judged_news(engine), Changes{}) << "new evidence is judged once";
}

TEST(Engine, AnEventWithoutAMatchingRuleChangesNothing) {
    Engine engine = new_engine();
    engine.observe(image(7), message("keepalive"));
    EXPECT_EQ(judged_news(engine), Changes{});
    EXPECT_EQ(ended_window(engine), Changes{});
}

TEST(Engine, JudgesWindowObservationsAtTheEndOfTheWindow) {
    Engine engine = new_engine();
    engine.observe(image(7), thread(70, 950));
    EXPECT_EQ(ended_window(engine), Changes{"7/1 mining.pow.cpu probable [hot@0]"});
}

TEST(Engine, JudgesLastObservationsBeforeAnImageEnds) {
    Engine engine = new_engine();
    engine.judge_now(image(7)); // unknown image
    engine.observe(image(7), thread(70, 950));
    engine.judge_now(image(7));
    EXPECT_EQ(test::shown(engine.take_changes()), Changes{"7/1 mining.pow.cpu probable [hot@0]"});
    engine.forget(image(7));
    EXPECT_EQ(ended_window(engine), Changes{});
}

TEST(Engine, ContinuingEvidenceChangesNothing) {
    Engine engine = new_engine();
    for (int i = 0; i < 20; ++i) {
        engine.observe(image(7), thread(70, 950));
        EXPECT_EQ(ended_window(engine).size(), i == 0 ? 1U : 0U) << i;
    }
}

TEST(Engine, ReportsNewEvidenceOnce) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    (void)judged_news(engine);
    engine.observe(image(7), message("submit"));
    EXPECT_EQ(judged_news(engine), Changes{"7/1 mining.pool.client probable [login@0 share@0]"});
    engine.observe(image(7), message("submit"));
    EXPECT_EQ(judged_news(engine), Changes{});
}

TEST(Engine, OrdersEvidenceByRule) {
    Engine engine = new_engine();
    engine.observe(image(7), message("submit"));
    engine.observe(image(7), message("login"));
    EXPECT_EQ(judged_news(engine), Changes{"7/1 mining.pool.client probable [login@0 share@0]"});
}

TEST(Engine, TwoFamiliesConfirm) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    engine.observe(image(7), message("submit"));
    engine.observe(image(7), thread(70, 950));
    EXPECT_EQ(ended_window(engine), (Changes{"7/1 mining.pow.cpu confirmed [hot@0 login@0 share@0]",
                                             "7/1 mining.pool.client probable [login@0 share@0]"}));
}

TEST(Engine, ClosesAVerdictWhenItsEvidenceIsOld) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    (void)judged_news(engine);
    Changes changes;
    int windows = 0;
    while (changes.empty() && windows < 30) {
        changes = ended_window(engine);
        ++windows;
    }
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].find("7/1 mining.pool.client none"), 0U) << changes[0];
    EXPECT_GE(windows, 3) << "must bridge a short pause";
    EXPECT_LE(windows, 7);
    for (int i = 0; i < 40; ++i) EXPECT_EQ(ended_window(engine), Changes{});
    EXPECT_EQ(engine.subjects(), 0U) << "must be forgotten";
}

TEST(Engine, ChainsBeginAndEndWithNone) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    engine.judge_news();
    engine.observe(image(7), message("submit"));
    engine.judge_news();
    for (int i = 0; i < 10; ++i) engine.end_window();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 3U);
    EXPECT_EQ(changes.front().carried, CarriedState{});
    EXPECT_EQ(changes.back().verdict.certainty, Certainty::none);
    for (std::size_t i = 1; i < changes.size(); ++i)
        EXPECT_EQ(digest_of(changes[i].carried), digest_of(changes[i - 1].verdict.next));
}

TEST(Engine, ReopensAClosedVerdict) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    (void)judged_news(engine);
    for (int i = 0; i < 10; ++i) engine.end_window();
    (void)engine.take_changes();
    engine.observe(image(7), message("login"));
    engine.judge_news();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].carried, CarriedState{});
}

TEST(Engine, EvidenceDoesNotCrossExec) {
    Engine engine = new_engine();
    engine.observe(image(7, 1), message("login"));
    engine.observe(image(7, 1), message("submit"));
    (void)judged_news(engine);
    engine.observe(image(7, 2), thread(70, 950));
    EXPECT_EQ(ended_window(engine), Changes{"7/2 mining.pow.cpu probable [hot@0]"});
}

TEST(Engine, AReusedPidIsAnotherProcess) {
    Engine engine = new_engine();
    ImageKey first = image(7);
    ImageKey second = first;
    second.start_boottime_ns += 1;
    engine.observe(first, message("login"));
    engine.observe(second, message("submit"));
    EXPECT_EQ(judged_news(engine), (Changes{"7/1 mining.pool.client probable [login@0]",
                                            "7/1 mining.pool.client probable [share@0]"}));
    EXPECT_EQ(engine.subjects(), 2U);
}

TEST(Engine, AForgottenImageGivesNoMoreChanges) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    engine.observe(image(8), message("login"));
    (void)judged_news(engine);
    engine.observe(image(7), message("submit"));
    engine.forget(image(7));
    EXPECT_EQ(engine.subjects(), 1U);
    EXPECT_EQ(judged_news(engine), Changes{});
    engine.forget(image(99));
    for (int i = 0; i < 10; ++i)
        for (const std::string& change : ended_window(engine))
            EXPECT_EQ(change.find("8/1"), 0U) << change;
}

TEST(Engine, AForgottenImageStartsAgainWithoutEvidence) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    (void)judged_news(engine);
    engine.forget(image(7));
    engine.observe(image(7), message("submit"));
    engine.judge_news();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].carried, CarriedState{});
    EXPECT_EQ(test::shown(changes[0]), "7/1 mining.pool.client probable [share@0]");
}

TEST(Engine, RecordsNameTheirSubject) {
    Engine engine = new_engine();
    engine.observe(image(7, 3), message("login"));
    engine.judge_news();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    const VerdictRecord& record = changes[0];
    EXPECT_EQ(record.subject, Subject(image(7, 3)));
    EXPECT_EQ(to_hex(record.boot), "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0");
    EXPECT_EQ(record.rule_set, test::engine_rules()->digest());
    EXPECT_EQ(record.window_span, std::chrono::seconds(10));
    EXPECT_EQ(record.evidence[0].observations.size(), 1U);
}

TEST(Engine, WindowsAreCounted) {
    Engine engine = new_engine();
    const std::int64_t first = engine.window().number;
    engine.end_window();
    engine.end_window();
    EXPECT_EQ(engine.window().number, first + 2);
}

TEST(Engine, RulesOfOneGroupDoNotAddUpAndTheirRecordsAreRecomputed) {
    const auto rules =
        test::load(test::pack("groups", "rules:\n" +
                                            test::rule({.id = "login",
                                                        .on = "stratum.message",
                                                        .condition = "message = \"login\"",
                                                        .family = "protocol",
                                                        .weights = "{mining.pool.client: 11000}",
                                                        .extra = "    group: words\n"}) +
                                            test::rule({.id = "share",
                                                        .on = "stratum.message",
                                                        .condition = "message = \"submit\"",
                                                        .family = "protocol",
                                                        .weights = "{mining.pool.client: 11500}",
                                                        .extra = "    group: words\n"})));
    Engine engine = new_engine(rules);
    engine.observe(image(1), message("login"));
    engine.observe(image(1), message("submit"));
    engine.judge_news();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].evidence.size(), 2U) << "both are shown";
    EXPECT_EQ(changes[0].verdict.log_odds, -9210 + 11'500);
    const std::string bytes = encode_record(changes[0]);
    EXPECT_TRUE(recompute_record(as_bytes(bytes), *rules));
    // A record in which they were added up.
    VerdictRecord added = changes[0];
    std::vector<WeighedEvidence> weighed;
    for (const RecordedEvidence& one : added.evidence)
        weighed.push_back({one.family, one.weight, one.age, one.entities});
    added.verdict = test::judge(weighed, added.carried);
    EXPECT_EQ(added.verdict.certainty, Certainty::probable);
    EXPECT_FALSE(recompute_record(as_bytes(encode_record(added)), *rules));
}

} // namespace
} // namespace minewarden::rules
