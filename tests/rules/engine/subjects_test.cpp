// SPDX-License-Identifier: Apache-2.0
#include "rules/verdict/recompute.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

/// Verdicts about other subjects than processes.
namespace minewarden::rules {
namespace {

using test::integer;
using test::observe;
using test::pack;
using test::rule;

std::shared_ptr<const RuleSet> host_rules() {
    static const auto rules = test::load(
        pack("host", "rules:\n" + rule({.id = "host.busy",
                                        .on = "host.window",
                                        .condition = "min(busy_processes over 2 windows) >= 4",
                                        .weights = "{mining.pow.cpu: 12500}"})));
    return rules;
}

Observation host(std::int64_t busy) {
    return observe(ObservationType::host_window, {{"busy_processes", integer(busy)}});
}

TEST(EngineSubjects, JudgesAHostByItsOwnWindows) {
    Engine engine = test::new_engine(host_rules());
    engine.observe(HostSubject{}, host(5));
    engine.end_window();
    EXPECT_TRUE(engine.take_changes().empty());
    engine.observe(HostSubject{}, host(4));
    engine.end_window();
    const auto changes = engine.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    const VerdictRecord& record = changes[0];
    EXPECT_EQ(record.subject, Subject(HostSubject{}));
    EXPECT_EQ(record.verdict.certainty, Certainty::probable);
    const auto again = recompute_record(as_bytes(encode_record(record)), *host_rules());
    EXPECT_TRUE(again) << again.error().message;
}

TEST(EngineSubjects, IgnoresObservationsOfAnotherKind) {
    Engine engine = test::new_engine();
    for (const Subject& subject : std::vector<Subject>{HostSubject{}, WorkloadSubject{7},
                                                       NetworkNamespaceSubject{7}, GpuSubject{7}})
        engine.observe(subject, test::message("login"));
    engine.observe(test::image(7), host(5));
    engine.judge_news();
    engine.end_window();
    EXPECT_TRUE(engine.take_changes().empty());
    EXPECT_EQ(engine.subjects(), 0U);
}

TEST(EngineSubjects, KeepsAHostAcrossARestart) {
    Engine engine = test::new_engine(host_rules());
    for (int i = 0; i < 2; ++i) {
        engine.observe(HostSubject{}, host(5));
        engine.end_window();
    }
    ASSERT_EQ(engine.take_changes().size(), 1U);
    Engine restarted = test::new_engine(host_rules());
    ASSERT_TRUE(restarted.restore(engine.save()));
    EXPECT_EQ(restarted.subjects(), 1U);
    restarted.forget(HostSubject{});
    EXPECT_EQ(restarted.subjects(), 0U);
}

} // namespace
} // namespace minewarden::rules
