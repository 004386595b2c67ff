// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/shipped.h"

/// Verdicts of the shipped rules on short-lived workers and counted syscalls.
namespace minewarden::rules {
namespace {

using test::Calls;
using test::Holdings;
using test::Samples;

constexpr Samples randomx{.nearest = 3, .down = 2, .up = 3, .to_zero = 2};
constexpr Samples nothing{.cpu_permille = 0};

class ShippedWorkers : public ::testing::Test {
  protected:
    /// The certainty of mining.pow.cpu after these windows.
    Certainty after(const std::vector<Samples>& windows, const Holdings& holdings = test::light) {
        Certainty certainty = Certainty::none;
        for (const Samples& window : windows) {
            if (window.cpu_permille > 0) suspect_.observe(test::of_workers(window, holdings));
            certainty = suspect_.end_window();
        }
        return certainty;
    }
    /// The same after four windows of RandomX and one in which these syscalls were counted.
    Certainty with_calls(const Calls& calls) {
        after(std::vector(4, randomx));
        suspect_.observe(test::of_calls(calls));
        return after({randomx});
    }

    test::Suspect suspect_;
};

TEST_F(ShippedWorkers, SustainedRandomxIsASuspicionAfterFourWindows) {
    EXPECT_EQ(after(std::vector(3, randomx)), Certainty::none);
    EXPECT_EQ(after({randomx}), Certainty::suspected);
    EXPECT_EQ(after(std::vector(60, randomx)), Certainty::suspected);
}

TEST_F(ShippedWorkers, WithTheDatasetItIsProbable) {
    EXPECT_EQ(after(std::vector(4, randomx), test::dataset), Certainty::probable);
    EXPECT_TRUE(suspect_.rests_on("randomx.workers.dataset"));
}

TEST_F(ShippedWorkers, WithTheDatasetInAFileItIsProbable) {
    EXPECT_EQ(after(std::vector(4, randomx), test::dataset_in_file), Certainty::probable);
}

TEST_F(ShippedWorkers, AllowsAnIdleWindowInBetween) {
    EXPECT_EQ(after({randomx, randomx, nothing, randomx, randomx}), Certainty::suspected);
}

TEST_F(ShippedWorkers, VerificationInBurstsIsNotMining) {
    Samples burst = randomx;
    burst.cpu_permille = 80;
    EXPECT_EQ(after(std::vector(20, burst)), Certainty::none);
    EXPECT_EQ(after({randomx, nothing, nothing, randomx, nothing, nothing, randomx}),
              Certainty::none);
}

TEST_F(ShippedWorkers, WorkersWithOneModeEachAreNotMining) {
    const Samples interval{.nearest = 2, .down = 5, .up = 5, .to_zero = 0};
    EXPECT_EQ(after(std::vector(20, interval)), Certainty::none);
    // One of them sometimes truncates: one sample in forty.
    Samples truncates = interval;
    truncates.to_zero = 1;
    EXPECT_EQ(after({truncates, interval, interval, interval, truncates, interval, interval}),
              Certainty::none);
}

TEST_F(ShippedWorkers, WithoutFlushingItIsNotRandomx) {
    Samples library_test = randomx;
    library_test.flushes = false;
    EXPECT_EQ(after(std::vector(20, library_test)), Certainty::none);
}

TEST_F(ShippedWorkers, FewSamplesAreNotEnough) {
    const Samples few{.nearest = 0, .down = 1, .up = 1, .to_zero = 1};
    EXPECT_EQ(after(std::vector(20, few)), Certainty::none);
}

TEST_F(ShippedWorkers, SyscallsAloneGiveNoVerdict) {
    for (int i = 0; i < 5; ++i) {
        suspect_.observe(test::of_calls({.total = 300, .yields = 300}));
        EXPECT_EQ(suspect_.end_window(), Certainty::none);
    }
    for (int i = 0; i < 5; ++i) {
        suspect_.observe(test::of_calls({.total = 2}));
        EXPECT_EQ(suspect_.end_window(), Certainty::none);
    }
}

TEST_F(ShippedWorkers, YieldingAfterEachHashMakesItProbable) {
    EXPECT_EQ(with_calls({.total = 105, .yields = 100}), Certainty::probable);
    EXPECT_TRUE(suspect_.rests_on("syscalls.yield-only"));
}

TEST_F(ShippedWorkers, ItStaysProbableWhenNoSyscallsAreCountedAnyMore) {
    with_calls({.total = 105, .yields = 100});
    EXPECT_EQ(after(std::vector(40, randomx)), Certainty::probable);
}

// Copies cost nothing, so they take nothing away.
TEST_F(ShippedWorkers, CopiesBesideTheYieldsChangeNothing) {
    EXPECT_EQ(with_calls({.total = 20'105, .yields = 100, .copies = 10'000}), Certainty::probable);
}

TEST_F(ShippedWorkers, OtherCallsDoNotLookLikeAYieldingMiner) {
    EXPECT_EQ(with_calls({.total = 200, .yields = 100}), Certainty::suspected);
}

// Threads that wait for each other yield without end (OpenBLAS, MPI). No hash is that short.
TEST_F(ShippedWorkers, YieldingWhileWaitingForALockIsNotAMiner) {
    EXPECT_EQ(with_calls({.total = 400'000, .yields = 400'000}), Certainty::suspected);
    EXPECT_EQ(after({randomx}), Certainty::suspected);
}

} // namespace
} // namespace minewarden::rules
