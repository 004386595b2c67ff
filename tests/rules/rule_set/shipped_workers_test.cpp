// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

/// Verdicts of the shipped rules on short-lived workers and counted syscalls.
namespace minewarden::rules {
namespace {

using test::image;
using test::integer;
using test::observe;

/// Numbers of samples by mode: to nearest, down, up, to zero.
struct Workers {
    std::int64_t nearest = 0;
    std::int64_t down = 0;
    std::int64_t up = 0;
    std::int64_t to_zero = 0;
    std::int64_t cpu_permille = 1000;
    bool flushes = true; ///< flushes denormals to zero, as RandomX does
};

Observation workers_of(const Workers& window) {
    const std::int64_t other = window.down + window.up + window.to_zero;
    return observe(
        ObservationType::workers_window,
        {{"ended", integer(3)},
         {"living", integer(1)},
         {"mean_life_ms", integer(3000)},
         {"cpu_permille", integer(window.cpu_permille)},
         {"fp_samples", integer(window.nearest + other)},
         {"fp_nondefault", integer(other)},
         {"fp_modes", integer((window.down > 0) + (window.up > 0) + (window.to_zero > 0))},
         {"rounding.down", integer(window.down)},
         {"rounding.up", integer(window.up)},
         {"rounding.to_zero", integer(window.to_zero)},
         {"fp_flushed", integer(window.flushes ? other : 0)}});
}

Observation syscalls_of(std::int64_t total, std::int64_t yields, std::int64_t cpu) {
    return observe(ObservationType::syscalls_window, {{"cpu_permille", integer(cpu)},
                                                      {"total_per_s", integer(total)},
                                                      {"sched_yield_per_s", integer(yields)}});
}

class ShippedWorkers : public ::testing::Test {
  protected:
    void SetUp() override {
        const std::vector<std::filesystem::path> paths{MINEWARDEN_SOURCE_DIR "/rules/packs"};
        const auto files = read_yaml_files(paths, yaml::maximum_bytes);
        ASSERT_TRUE(files) << files.error().message;
        const auto rules = RuleSet::load(*files);
        ASSERT_TRUE(rules) << yaml::to_error(rules.error()).message;
        engine_.emplace(test::new_engine(*rules));
    }
    /// The certainty of mining.pow.cpu after these windows.
    Certainty after(const std::vector<Workers>& windows) {
        for (const Workers& window : windows) {
            if (window.cpu_permille > 0) engine_->observe(image(7), workers_of(window));
            certainty_ = end_window();
        }
        return certainty_;
    }
    Certainty end_window() {
        engine_->end_window();
        for (const VerdictRecord& change : engine_->take_changes())
            if (change.activity.name() == "mining.pow.cpu") certainty_ = change.verdict.certainty;
        return certainty_;
    }

    std::optional<Engine> engine_;
    Certainty certainty_ = Certainty::none;
};

constexpr Workers randomx{.nearest = 3, .down = 2, .up = 3, .to_zero = 2};
constexpr Workers nothing{.cpu_permille = 0};

TEST_F(ShippedWorkers, SustainedRandomxIsProbableAfterFourWindows) {
    EXPECT_EQ(after(std::vector(3, randomx)), Certainty::none);
    EXPECT_EQ(after({randomx}), Certainty::probable);
}

TEST_F(ShippedWorkers, AllowsAnIdleWindowInBetween) {
    EXPECT_EQ(after({randomx, randomx, nothing, randomx, randomx}), Certainty::probable);
}

TEST_F(ShippedWorkers, VerificationInBurstsIsNotMining) {
    Workers burst = randomx;
    burst.cpu_permille = 80;
    EXPECT_EQ(after(std::vector(20, burst)), Certainty::none);
    EXPECT_EQ(after({randomx, nothing, nothing, randomx, nothing, nothing, randomx}),
              Certainty::none);
}

TEST_F(ShippedWorkers, WorkersWithOneModeEachAreNotMining) {
    const Workers interval{.nearest = 2, .down = 5, .up = 5};
    EXPECT_EQ(after(std::vector(20, interval)), Certainty::none);
    // One of them sometimes truncates: one sample in forty.
    Workers truncates = interval;
    truncates.to_zero = 1;
    EXPECT_EQ(after({truncates, interval, interval, interval, truncates, interval, interval}),
              Certainty::none);
}

TEST_F(ShippedWorkers, WithoutFlushingItIsNotRandomx) {
    Workers library_test = randomx;
    library_test.flushes = false;
    EXPECT_EQ(after(std::vector(20, library_test)), Certainty::none);
}

TEST_F(ShippedWorkers, FewSamplesAreNotEnough) {
    const Workers few{.nearest = 0, .down = 1, .up = 1, .to_zero = 1};
    EXPECT_EQ(after(std::vector(20, few)), Certainty::none);
}

TEST_F(ShippedWorkers, SyscallsAloneGiveNoVerdict) {
    for (int i = 0; i < 5; ++i) {
        engine_->observe(image(7), syscalls_of(300, 300, 1000));
        engine_->observe(image(8), syscalls_of(2, 0, 1000));
        EXPECT_EQ(end_window(), Certainty::none);
    }
}

TEST_F(ShippedWorkers, OnlyYieldingAddsToOtherEvidence) {
    after(std::vector(4, randomx));
    engine_->observe(image(7), workers_of(randomx));
    engine_->observe(image(7), syscalls_of(105, 100, 1000));
    engine_->end_window();
    const auto changes = engine_->take_changes();
    ASSERT_FALSE(changes.empty());
    bool found = false;
    for (const RecordedEvidence& evidence : changes.front().evidence)
        found = found || evidence.rule == "syscalls.yield-only";
    EXPECT_TRUE(found);
}

TEST_F(ShippedWorkers, WorkThatAlsoReadsIsNotAYieldingMiner) {
    after(std::vector(4, randomx));
    engine_->observe(image(7), workers_of(randomx));
    engine_->observe(image(7), syscalls_of(200, 100, 1000));
    engine_->end_window();
    EXPECT_TRUE(engine_->take_changes().empty());
}

} // namespace
} // namespace minewarden::rules
