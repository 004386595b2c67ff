// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/shipped.h"

/// Verdicts of the shipped rules on rounding modes, for windows like those of miners, nodes and
/// legitimate programs.
namespace minewarden::rules {
namespace {

using test::dataset;
using test::dataset_in_file;
using test::Holdings;
using test::Samples;

struct Window {
    Samples samples;
    Holdings holdings = test::light;
    bool idle = false;
};

class ShippedRounding : public ::testing::Test {
  protected:
    /// The certainty of mining.pow.cpu after these windows.
    Certainty after(const std::vector<Window>& windows) {
        Certainty certainty = Certainty::none;
        for (const Window& window : windows) {
            if (!window.idle) {
                suspect_.observe(test::of_thread(window.samples, window.holdings));
                suspect_.observe(test::of_process(window.samples, window.holdings));
            }
            certainty = suspect_.end_window();
        }
        return certainty;
    }

    test::Suspect suspect_;
};

const Window light{};
const Window full{.samples = {.nearest = 23, .down = 4, .up = 4, .to_zero = 4, .cpu_permille = 900},
                  .holdings = dataset};
const Window full_in_file{.holdings = dataset_in_file};
const Window nothing{.idle = true};

// A numerical program that draws rounding modes at random and flushes denormals shows the same.
TEST_F(ShippedRounding, SustainedRandomxIsASuspicionAfterFourWindows) {
    EXPECT_EQ(after(std::vector(3, light)), Certainty::none);
    EXPECT_EQ(after({light}), Certainty::suspected);
    EXPECT_EQ(after(std::vector(60, light)), Certainty::suspected);
}

TEST_F(ShippedRounding, RandomxWithItsDatasetNeedsOneWindow) {
    EXPECT_EQ(after({full}), Certainty::probable);
}

TEST_F(ShippedRounding, RandomxWithItsDatasetInAFileNeedsFourWindows) {
    EXPECT_EQ(after(std::vector(3, full_in_file)), Certainty::none);
    EXPECT_EQ(after({full_in_file}), Certainty::probable);
    EXPECT_TRUE(suspect_.rests_on("randomx.rounding.dataset-in-file"));
}

// Clearing the flags costs a miner nothing.
TEST_F(ShippedRounding, TheDatasetCountsWithoutFlushing) {
    Window window = full;
    window.samples.flushes = false;
    EXPECT_EQ(after({window}), Certainty::probable);
}

TEST_F(ShippedRounding, MemoryThatIsOnlyReservedOrInPiecesIsNoDataset) {
    Window reserved = light;
    reserved.holdings.largest_mapping_mib = 4000;
    reserved.holdings.largest_range_mib = 4000;
    EXPECT_EQ(after(std::vector(20, reserved)), Certainty::suspected);
    Window pieces = light;
    pieces.holdings.private_mib = 4000;
    pieces.holdings.resident_mib = 4000;
    EXPECT_EQ(after(std::vector(20, pieces)), Certainty::suspected);
}

TEST_F(ShippedRounding, AModeMissingInOneWindowIsTakenFromAnother) {
    Window two = light;
    two.samples.to_zero = 0;
    EXPECT_EQ(after({light, two, two, two}), Certainty::suspected);
}

TEST_F(ShippedRounding, ModesMayComeFromDifferentWindows) {
    const Samples none{.nearest = 3, .down = 0, .up = 0, .to_zero = 0, .cpu_permille = 330};
    Window down{.samples = none};
    Window up{.samples = none};
    Window to_zero{.samples = none};
    down.samples.down = up.samples.up = to_zero.samples.to_zero = 3;
    const std::vector<Window> windows{down, up, to_zero, down, up};
    EXPECT_EQ(after(windows), Certainty::suspected);
}

TEST_F(ShippedRounding, AllowsAnIdleWindowInBetween) {
    EXPECT_EQ(after({light, light, nothing, light, light}), Certainty::suspected);
}

TEST_F(ShippedRounding, IntervalArithmeticIsNotMining) {
    const Window up{.samples = {.nearest = 0, .down = 0, .up = 38, .to_zero = 0}};
    const Window up_and_down{.samples = {.nearest = 8, .down = 15, .up = 15, .to_zero = 0},
                             .holdings = {.private_mib = 4000,
                                          .resident_mib = 4000,
                                          .largest_mapping_mib = 3000,
                                          .largest_range_mib = 3000}};
    EXPECT_EQ(after(std::vector(20, up)), Certainty::none);
    EXPECT_EQ(after(std::vector(20, up_and_down)), Certainty::none);
}

// Programs that use fesetround do not flush denormals. All published RandomX programs do.
TEST_F(ShippedRounding, AllModesWithoutFlushingGiveAtMostSuspected) {
    Window test = light;
    test.samples.flushes = false;
    EXPECT_EQ(after(std::vector(20, test)), Certainty::suspected);
    EXPECT_TRUE(suspect_.rests_on("rounding.all-modes"));
}

TEST_F(ShippedRounding, RandomxWithoutItsCacheIsAtMostSuspected) {
    Window small = light;
    small.holdings.private_mib = small.holdings.resident_mib = 100;
    EXPECT_EQ(after(std::vector(20, small)), Certainty::suspected);
}

// The threads of one program can differ, and short-lived ones can run beside others.
TEST_F(ShippedRounding, DifferentThreadsOfOneProgramDoNotAddUp) {
    Window test = light;
    test.samples.flushes = false;
    Certainty certainty = Certainty::none;
    for (int i = 0; i < 20; ++i) {
        suspect_.observe(test::of_thread(light.samples, light.holdings, 70));
        suspect_.observe(test::of_thread(test.samples, test.holdings, 71));
        suspect_.observe(test::of_workers(light.samples, light.holdings));
        suspect_.observe(test::of_process(light.samples, light.holdings));
        certainty = suspect_.end_window();
    }
    EXPECT_EQ(certainty, Certainty::suspected);
}

TEST_F(ShippedRounding, ANodeThatVerifiesAndStoresIsAtMostSuspected) {
    Window catching_up = light;
    catching_up.holdings.device_written_kib_per_s = 200;
    EXPECT_EQ(after(std::vector(30, catching_up)), Certainty::suspected);
    EXPECT_TRUE(suspect_.rests_on("node.stores-blocks"));
}

// The pages of its database are pages of a file.
TEST_F(ShippedRounding, ANodeWithALargeDatabaseIsAtMostSuspected) {
    Window catching_up = full_in_file;
    catching_up.holdings.private_mib = 400;
    catching_up.holdings.device_written_kib_per_s = 200;
    EXPECT_EQ(after(std::vector(30, catching_up)), Certainty::suspected);
}

TEST_F(ShippedRounding, WritingDoesNotRefuteTheDataset) {
    Window solo = full;
    solo.holdings.device_written_kib_per_s = 20'000;
    EXPECT_EQ(after(std::vector(30, solo)), Certainty::probable);
}

TEST_F(ShippedRounding, VerificationInBurstsIsNotMining) {
    const Window burst{
        .samples = {.nearest = 1, .down = 1, .up = 1, .to_zero = 1, .cpu_permille = 60}};
    EXPECT_EQ(after({burst, nothing, nothing, burst, nothing, nothing, burst, nothing, burst}),
              Certainty::none);
    EXPECT_EQ(after(std::vector(20, burst)), Certainty::none)
        << "a burst in each window, 6 % of a core";
}

TEST_F(ShippedRounding, ABriefModeChangeIsNotMining) {
    const Window passing{.samples = {.nearest = 33, .down = 2, .up = 2, .to_zero = 1}};
    EXPECT_EQ(after(std::vector(20, passing)), Certainty::none);
}

} // namespace
} // namespace minewarden::rules
