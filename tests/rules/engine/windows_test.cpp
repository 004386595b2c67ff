// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

/// Aggregates, ageing and the counts of a record.
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

TEST(EngineWindows, AggregatesLookBack) {
    Engine engine = new_engine();
    for (int i = 0; i < 2; ++i) {
        engine.observe(image(7), thread(70, 100, 20));
        EXPECT_EQ(ended_window(engine), Changes{}) << i;
    }
    engine.observe(image(7), thread(70, 100, 20));
    EXPECT_EQ(ended_window(engine), Changes{"7/1 mining.pow.cpu probable [steady@0]"});
}

TEST(EngineWindows, AMissingWindowCountsAsZero) {
    Engine engine = new_engine();
    for (const std::int64_t samples : {20, 0, 20, 20}) {
        if (samples > 0) engine.observe(image(7), thread(70, 100, samples));
        EXPECT_EQ(ended_window(engine), Changes{});
    }
    engine.observe(image(7), thread(70, 100, 20));
    EXPECT_EQ(ended_window(engine), Changes{"7/1 mining.pow.cpu probable [steady@0]"});
}

TEST(EngineWindows, ThreadsAreNotAddedUp) {
    Engine engine = new_engine();
    for (int i = 0; i < 6; ++i) {
        engine.observe(image(7), thread(70 + i % 3, 100, 50));
        EXPECT_EQ(ended_window(engine), Changes{}) << "no thread has 60 samples in three windows";
    }
}

TEST(EngineWindows, ProcessesAreNotAddedUp) {
    Engine engine = new_engine();
    for (int i = 0; i < 6; ++i) {
        engine.observe(image(static_cast<std::uint32_t>(7 + i % 3)), thread(70, 100, 50));
        EXPECT_EQ(ended_window(engine), Changes{});
    }
}

TEST(EngineWindows, ARecordHasTheObservationsOfTheCondition) {
    Engine engine = new_engine();
    engine.observe(image(7), thread(70, 100, 30));
    engine.end_window();
    engine.end_window();
    engine.observe(image(7), thread(70, 100, 31));
    engine.end_window();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    const RecordedEvidence& evidence = changes[0].evidence.at(0);
    ASSERT_EQ(evidence.observations.size(), 2U);
    EXPECT_EQ(evidence.observations[0], (PlacedObservation{0, thread(70, 100, 31)}));
    EXPECT_EQ(evidence.observations[1], (PlacedObservation{2, thread(70, 100, 30)}));
    EXPECT_EQ(evidence.age, 0);
}

TEST(EngineWindows, EntitiesAreCountedPerWindow) {
    Engine engine = new_engine();
    for (int id = 70; id < 74; ++id) engine.observe(image(7), thread(id, 950));
    engine.observe(image(7), thread(80, 10));
    engine.end_window();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].evidence.at(0).entities, (std::vector<std::int64_t>{70, 71, 72, 73}));
    EXPECT_EQ(changes[0].evidence.at(0).windows_held, 1);
}

TEST(EngineWindows, CountsTheWindowsInWhichARuleHeld) {
    Engine engine = new_engine();
    for (int i = 0; i < 3; ++i) {
        engine.observe(image(7), thread(70, 950));
        engine.observe(image(7), thread(71, 950));
        engine.end_window();
    }
    engine.end_window();
    engine.observe(image(7), thread(70, 950));
    engine.end_window();
    (void)engine.take_changes();
    engine.observe(image(7), message("submit"));
    engine.observe(image(7), message("login"));
    engine.judge_news();
    for (const VerdictRecord& change : engine.take_changes())
        for (const RecordedEvidence& evidence : change.evidence)
            if (evidence.rule == "hot") {
                EXPECT_EQ(evidence.windows_held, 4);
                EXPECT_EQ(evidence.entities, std::vector<std::int64_t>{70});
                return;
            }
    FAIL() << "no change named hot";
}

TEST(EngineWindows, AgeIncreasesByOnePerWindow) {
    Engine engine = new_engine();
    engine.observe(image(7), thread(70, 950));
    engine.end_window();
    (void)engine.take_changes();
    engine.end_window();
    engine.end_window();
    engine.observe(image(7), message("login"));
    engine.observe(image(7), message("submit"));
    engine.end_window();
    bool seen = false;
    for (const VerdictRecord& change : engine.take_changes())
        for (const RecordedEvidence& evidence : change.evidence)
            if (evidence.rule == "hot") {
                EXPECT_EQ(evidence.age, 3);
                seen = true;
            }
    EXPECT_TRUE(seen);
}

TEST(EngineWindows, AShortPauseChangesNothing) {
    Engine engine = new_engine();
    engine.observe(image(7), thread(70, 950));
    EXPECT_EQ(ended_window(engine).size(), 1U);
    EXPECT_EQ(ended_window(engine), Changes{});
    engine.observe(image(7), thread(70, 950));
    EXPECT_EQ(ended_window(engine), Changes{});
}

TEST(EngineWindows, RefutingEvidenceLowersAnOpenVerdict) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    EXPECT_EQ(judged_news(engine), Changes{"7/1 mining.pool.client probable [login@0]"});
    engine.observe(image(7), process(10, 5000));
    const Changes changes = ended_window(engine);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].find("7/1 mining.pool.client suspected [calm@0 login@"), 0U) << changes[0];
}

TEST(EngineWindows, LoadAloneGivesNoVerdict) {
    Engine engine = new_engine();
    for (int i = 0; i < 10; ++i) {
        engine.observe(image(7), process(4000));
        EXPECT_EQ(ended_window(engine), Changes{});
    }
}

TEST(EngineWindows, ALaterObservationOfAWindowReplacesTheEarlier) {
    Engine engine = new_engine();
    engine.observe(image(7), thread(70, 100, 30));
    engine.observe(image(7), thread(70, 100, 30));
    engine.observe(image(7), thread(70, 100, 1));
    EXPECT_EQ(ended_window(engine), Changes{});
    engine.observe(image(7), thread(70, 100, 30));
    EXPECT_EQ(ended_window(engine), Changes{}) << "1 + 30 < 60";
}

TEST(EngineWindows, HandlesMoreThreadsThanTheMaximum) {
    Engine engine = new_engine();
    for (int window = 0; window < 4; ++window) {
        for (int id = 1; id <= 3000; ++id) engine.observe(image(7), thread(id, 100, 20));
        engine.end_window();
    }
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_LE(changes[0].evidence.at(0).entities.size(), History::maximum_entities);
    EXPECT_FALSE(changes[0].evidence.at(0).entities.empty());
}

// A program may replace its threads until the maximum is reached, and then begin its work.
TEST(EngineWindows, CurrentThreadsReplaceThreadsOfEarlierWindows) {
    Engine engine = new_engine();
    int id = 1;
    for (int window = 0; window < 5; ++window) {
        for (int i = 0; i < 300; ++i) engine.observe(image(7), thread(id++, 100, 1));
        engine.end_window();
    }
    (void)engine.take_changes();
    for (int window = 0; window < 2; ++window) {
        engine.observe(image(7), thread(70'000, 100, 30));
        engine.end_window();
    }
    EXPECT_EQ(engine.take_changes().size(), 1U) << "30 + 30 samples were not added up";
}

TEST(EngineWindows, DropsSubjectsWithoutEvidence) {
    Engine engine = new_engine();
    for (std::uint32_t pid = 1; pid <= 500; ++pid) engine.observe(image(pid), process(10));
    for (int i = 0; i < 40; ++i) EXPECT_EQ(ended_window(engine), Changes{});
    EXPECT_EQ(engine.subjects(), 0U);
}

} // namespace
} // namespace minewarden::rules
