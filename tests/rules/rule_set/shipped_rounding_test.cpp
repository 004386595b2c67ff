// SPDX-License-Identifier: Apache-2.0
#include "common/file.h"
#include "tests/rules/support/engine_runs.h"

#include <gtest/gtest.h>

/// Verdicts of the shipped rules on rounding modes, for windows like those of miners, nodes and
/// legitimate programs.
namespace minewarden::rules {
namespace {

using test::image;
using test::integer;
using test::observe;

struct Window {
    std::int64_t samples = 0;
    std::int64_t nondefault = 0;
    std::int64_t modes = 0;
    std::int64_t cpu_permille = 1000;
    std::int64_t private_mib = 300;
    std::int64_t largest_mapping_mib = 256;
    bool flushes = true; ///< flushes denormals to zero, as RandomX does
    std::int64_t written_kib_per_s = 0;
    std::int64_t first_mode = 0; ///< the modes are this one and the following ones, in turn

    /// Number of samples in this one of the three non-default modes.
    [[nodiscard]] std::int64_t seen_of(std::int64_t mode) const {
        return (mode - first_mode + 3) % 3 < modes ? nondefault / modes : 0;
    }
};

Observation thread_of(const Window& window) {
    return observe(ObservationType::thread_window,
                   {{"thread", integer(70)},
                    {"cpu_permille", integer(window.cpu_permille)},
                    {"fp_samples", integer(window.samples)},
                    {"fp_nondefault", integer(window.nondefault)},
                    {"fp_modes", integer(window.modes)},
                    {"private_mib", integer(window.private_mib)},
                    {"largest_mapping_mib", integer(window.largest_mapping_mib)},
                    {"fp_flushed", integer(window.flushes ? window.nondefault : 0)},
                    {"rounding.down", integer(window.seen_of(0))},
                    {"rounding.up", integer(window.seen_of(1))},
                    {"rounding.to_zero", integer(window.seen_of(2))}},
                   70);
}

Observation process_of(const Window& window) {
    return observe(ObservationType::process_window,
                   {{"cpu_permille", integer(window.cpu_permille)},
                    {"threads", integer(4)},
                    {"hot_threads", integer(1)},
                    {"written_kib_per_s", integer(window.written_kib_per_s)},
                    {"private_mib", integer(window.private_mib)}});
}

class ShippedRounding : public ::testing::Test {
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
    Certainty after(const std::vector<Window>& windows) {
        Certainty certainty = Certainty::none;
        for (const Window& window : windows) {
            if (window.samples > 0) {
                engine_->observe(image(7), thread_of(window));
                engine_->observe(image(7), process_of(window));
            }
            engine_->end_window();
            for (const VerdictRecord& change : engine_->take_changes())
                if (change.activity.name() == "mining.pow.cpu")
                    certainty = change.verdict.certainty;
        }
        return certainty;
    }

    std::optional<Engine> engine_;
};

constexpr Window randomx{.samples = 38, .nondefault = 27, .modes = 3};
constexpr Window randomx_dataset{.samples = 35,
                                 .nondefault = 12,
                                 .modes = 3,
                                 .cpu_permille = 900,
                                 .private_mib = 2349,
                                 .largest_mapping_mib = 2336};
constexpr Window nothing{};

TEST_F(ShippedRounding, SustainedRandomxIsProbableAfterFourWindows) {
    EXPECT_EQ(after(std::vector(3, randomx)), Certainty::none);
    EXPECT_EQ(after({randomx}), Certainty::probable);
}

TEST_F(ShippedRounding, RandomxWithItsDatasetNeedsOneWindow) {
    EXPECT_EQ(after({randomx_dataset}), Certainty::probable);
}

TEST_F(ShippedRounding, AModeMissingInOneWindowIsTakenFromAnother) {
    Window two = randomx;
    two.modes = 2;
    EXPECT_EQ(after({randomx, two, two, two}), Certainty::probable);
}

TEST_F(ShippedRounding, ModesMayComeFromDifferentWindows) {
    Window one{.samples = 6, .nondefault = 3, .modes = 1, .cpu_permille = 330};
    std::vector<Window> windows;
    for (const std::int64_t mode : {0, 1, 2, 0, 1}) {
        one.first_mode = mode;
        windows.push_back(one);
    }
    EXPECT_EQ(after(windows), Certainty::probable);
}

TEST_F(ShippedRounding, AllowsAnIdleWindowInBetween) {
    EXPECT_EQ(after({randomx, randomx, nothing, randomx, randomx}), Certainty::probable);
}

TEST_F(ShippedRounding, IntervalArithmeticIsNotMining) {
    const Window up{.samples = 38, .nondefault = 38, .modes = 1};
    const Window up_and_down{.samples = 38,
                             .nondefault = 30,
                             .modes = 2,
                             .private_mib = 4000,
                             .largest_mapping_mib = 3000};
    EXPECT_EQ(after(std::vector(20, up)), Certainty::none);
    EXPECT_EQ(after(std::vector(20, up_and_down)), Certainty::none);
}

// Programs that use fesetround do not flush denormals. All published RandomX programs do.
TEST_F(ShippedRounding, AllModesWithoutFlushingGiveAtMostSuspected) {
    Window test = randomx;
    test.flushes = false;
    EXPECT_EQ(after(std::vector(20, test)), Certainty::suspected);
}

TEST_F(ShippedRounding, RandomxWithoutItsCacheIsAtMostSuspected) {
    Window small = randomx;
    small.private_mib = 100;
    EXPECT_EQ(after(std::vector(20, small)), Certainty::suspected);
}

TEST_F(ShippedRounding, ANodeThatVerifiesAndStoresIsAtMostSuspected) {
    Window catching_up = randomx;
    catching_up.written_kib_per_s = 200;
    EXPECT_EQ(after(std::vector(30, catching_up)), Certainty::suspected);
    EXPECT_EQ(after({randomx, randomx, randomx}), Certainty::probable) << "after it stops storing";
}

TEST_F(ShippedRounding, WritingDoesNotRefuteTheDataset) {
    Window solo = randomx_dataset;
    solo.written_kib_per_s = 200;
    EXPECT_EQ(after(std::vector(30, solo)), Certainty::probable);
}

TEST_F(ShippedRounding, VerificationInBurstsIsNotMining) {
    const Window burst{.samples = 4, .nondefault = 3, .modes = 3, .cpu_permille = 60};
    EXPECT_EQ(after({burst, nothing, nothing, burst, nothing, nothing, burst, nothing, burst}),
              Certainty::none);
    EXPECT_EQ(after(std::vector(20, burst)), Certainty::none)
        << "a burst in each window, 6 % of a core";
}

TEST_F(ShippedRounding, ABriefModeChangeIsNotMining) {
    const Window passing{.samples = 38, .nondefault = 5, .modes = 3};
    EXPECT_EQ(after(std::vector(20, passing)), Certainty::none);
}

} // namespace
} // namespace minewarden::rules
