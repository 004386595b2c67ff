// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/recompute.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

#include <limits>

/// Saved states, and replaced rule sets.
namespace minewarden::rules {
namespace {

using test::ended_window;
using test::image;
using test::judged_news;
using test::message;
using test::new_engine;
using test::pack;
using test::rule;
using test::thread;
using Changes = std::vector<std::string>;

Engine opened() {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    engine.observe(image(7), thread(70, 950, 30));
    engine.end_window();
    engine.observe(image(7), thread(70, 950, 20));
    engine.end_window();
    (void)engine.take_changes();
    return engine;
}

TEST(EngineState, SavesAndRestoresAnEmptyEngine) {
    Engine engine = new_engine();
    ASSERT_TRUE(engine.restore(new_engine().save()));
    EXPECT_EQ(engine.subjects(), 0U);
}

TEST(EngineState, OpenVerdictsContinue) {
    Engine engine = new_engine();
    ASSERT_TRUE(engine.restore(opened().save()));
    EXPECT_EQ(engine.subjects(), 1U);
    engine.observe(image(7), thread(70, 950, 30));
    const Changes changes = ended_window(engine);
    EXPECT_EQ(changes, Changes{"7/1 mining.pow.cpu probable [hot@0 login@2 steady@0]"})
        << "history and evidence must be kept";
}

TEST(EngineState, SavesOnlyOpenVerdicts) {
    Engine engine = new_engine();
    engine.observe(image(7), thread(70, 100, 20));
    engine.end_window();
    Engine restarted = new_engine();
    ASSERT_TRUE(restarted.restore(engine.save()));
    EXPECT_EQ(restarted.subjects(), 0U);
}

TEST(EngineState, RefusesDamagedStatesAndStaysEmpty) {
    for (const cbor::Value& value :
         {cbor::Value{}, cbor::Value(5), cbor::Value(cbor::Array{}), cbor::Value(cbor::Map{}),
          cbor::Value(cbor::Map{{"window", "x"}})}) {
        Engine engine = new_engine();
        const auto result = engine.restore(value);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::data);
        EXPECT_EQ(engine.subjects(), 0U);
        EXPECT_EQ(ended_window(engine), Changes{});
    }
}

/// Collects a value and all values inside it.
void collect(cbor::Value& value, std::vector<cbor::Value*>& parts) {
    parts.push_back(&value);
    if (auto* array = value.get_if<cbor::Array>())
        for (cbor::Value& item : *array) collect(item, parts);
    if (auto* map = value.get_if<cbor::Map>())
        for (auto& [key, item] : *map) collect(item, parts);
}

/// Replaces one part of a saved state after the other, restores it, and uses the engine for a
/// while.
void run_with_each_part_replaced_by(const cbor::Value& replacement) {
    const cbor::Value saved = opened().save();
    for (std::size_t number = 0;; ++number) {
        cbor::Value damaged = saved;
        std::vector<cbor::Value*> parts;
        collect(damaged, parts);
        if (number == parts.size()) return;
        *parts[number] = replacement;
        Engine engine = new_engine();
        const auto result = engine.restore(damaged);
        EXPECT_TRUE(result || engine.subjects() == 0U) << number;
        for (int i = 0; i < 3; ++i) {
            engine.observe(image(7), thread(70, 950, 30));
            engine.observe(image(7), message("submit"));
            engine.judge_news();
            engine.end_window();
        }
        (void)engine.save();
        for (const VerdictRecord& change : engine.take_changes())
            EXPECT_FALSE(encode_record(change).empty());
    }
}

TEST(EngineState, AcceptsOrRefusesPartsOfAnotherType) {
    for (const cbor::Value& value : {cbor::Value{}, cbor::Value("hot"), cbor::Value(true),
                                     cbor::Value(cbor::Array{}), cbor::Value(cbor::Map{})})
        run_with_each_part_replaced_by(value);
}

TEST(EngineState, AcceptsOrRefusesSmallNumbers) {
    for (const std::int64_t number : {-1, 0, 1, 4}) run_with_each_part_replaced_by(number);
}

TEST(EngineState, AcceptsOrRefusesTheLargestNumber) {
    run_with_each_part_replaced_by(std::numeric_limits<std::int64_t>::max());
}

TEST(EngineState, AcceptsOrRefusesTheSmallestNumber) {
    run_with_each_part_replaced_by(std::numeric_limits<std::int64_t>::min());
}

TEST(EngineState, SkipsRulesThatNoLongerExist) {
    const auto fewer =
        test::load({{"engine.yaml",
                     pack("engine", "rules:\n" + rule({.id = "hot",
                                                       .condition = "cpu_permille >= 900",
                                                       .weights = "{mining.pow.cpu: 16000}"}))}});
    Engine engine = new_engine(fewer);
    ASSERT_TRUE(engine.restore(opened().save()));
    for (int i = 0; i < 8; ++i) engine.end_window();
    const auto changes = engine.take_changes();
    ASSERT_FALSE(changes.empty());
    for (const VerdictRecord& change : changes) {
        EXPECT_EQ(change.rule_set, fewer->digest());
        for (const RecordedEvidence& evidence : change.evidence) EXPECT_EQ(evidence.rule, "hot");
        EXPECT_TRUE(recompute_record(as_bytes(encode_record(change)), *fewer))
            << test::shown(change);
    }
}

TEST(EngineRules, ReplacingRulesDropsEvidenceOfMissingRules) {
    Engine engine = new_engine();
    engine.observe(image(7), message("login"));
    EXPECT_EQ(judged_news(engine).size(), 1U);
    const auto other =
        test::load({{"other.yaml", pack("other", "rules:\n" + rule({.id = "hot"}))}});
    engine.replace_rules(other);
    EXPECT_EQ(&engine.rules(), other.get());
    engine.end_window();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(test::shown(changes[0]), "7/1 mining.pool.client none []");
    EXPECT_EQ(changes[0].rule_set, other->digest());
    EXPECT_TRUE(recompute_record(as_bytes(encode_record(changes[0])), *other));
}

TEST(EngineRules, ReplacingRulesByTheSameChangesNothing) {
    Engine engine = opened();
    engine.replace_rules(test::load({{"engine.yaml", test::engine_pack()}}));
    engine.observe(image(7), thread(70, 950, 20));
    EXPECT_EQ(engine.subjects(), 1U);
    EXPECT_EQ(ended_window(engine),
              Changes{"7/1 mining.pow.cpu probable [hot@0 login@2 steady@0]"});
}

// A record is recomputed with the rules it names. So evidence of an older rule must not count for a
// newer rule of the same id.
TEST(EngineRules, ForgetsEvidenceOfAChangedRule) {
    Engine engine = new_engine();
    engine.observe(image(7), thread(70, 950));
    engine.end_window();
    (void)engine.take_changes();
    const auto stricter = test::load(
        {{"engine.yaml", pack("engine", "rules:\n" +
                                            rule({.id = "hot",
                                                  .condition = "cpu_permille >= 990",
                                                  .weights = "{mining.pow.cpu: 16000}"}) +
                                            rule({.id = "share",
                                                  .on = "stratum.message",
                                                  .condition = "message = \"submit\"",
                                                  .family = "protocol",
                                                  .weights = "{mining.pow.cpu: 12500}"}))}});
    engine.replace_rules(stricter);
    engine.observe(image(7), message("submit"));
    engine.judge_news();
    for (int i = 0; i < 8; ++i) engine.end_window();
    const auto changes = engine.take_changes();
    ASSERT_FALSE(changes.empty());
    for (const VerdictRecord& change : changes) {
        const auto again = recompute_record(as_bytes(encode_record(change)), *stricter);
        EXPECT_TRUE(again) << test::shown(change) << ": " << (again ? "" : again.error().message);
    }
}

TEST(EngineRules, AConditionWithMoreWindowsUsesTheExistingHistory) {
    Engine engine = new_engine();
    engine.observe(image(7), thread(70, 100, 30)); // no rule of the first set holds
    engine.end_window();
    const auto longer = test::load(
        {{"engine.yaml",
          pack("engine", "rules:\n" + rule({.id = "hot",
                                            .condition = "sum(fp_samples over 30 windows) >= 60",
                                            .weights = "{mining.pow.cpu: 16000}"}))}});
    engine.replace_rules(longer);
    (void)engine.take_changes();
    engine.observe(image(7), thread(70, 950, 30));
    engine.end_window();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    const VerdictRecord& record = changes[0];
    ASSERT_EQ(record.evidence.size(), 1U) << test::shown(changes[0]);
    EXPECT_EQ(record.evidence[0].observations.size(), 2U); // including the window before the change
    EXPECT_TRUE(recompute_record(as_bytes(encode_record(record)), *longer));
}

} // namespace
} // namespace minewarden::rules
