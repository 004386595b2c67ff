// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/fp_mode_counts.h"

#include <gtest/gtest.h>

#include <array>

namespace minewarden::agent {
namespace {

constexpr std::uint32_t interrupted = abi::FP_RUNNABLE;

abi::fp_mode_record sample(std::uint32_t thread, std::uint32_t word, std::uint64_t switches,
                           std::uint32_t flags = interrupted) {
    return {{100, 7, thread, 0},       50, switches, thread, word, flags,
            abi::FP_LAYOUT_AFTER_TASK, 0,  0};
}

rules::ImageKey image(std::uint32_t pid) {
    return {pid, 100, 7};
}

void add(FpModeCounts& counts, const abi::fp_mode_record& record) {
    counts.add(record);
}

TEST(FpModeCounts, DoNotCountTheFirstLookAtAThread) {
    FpModeCounts counts;
    add(counts, sample(1, 0x9fc0, 10));
    EXPECT_EQ(counts.of(image(1), 1).samples, 0u);
}

TEST(FpModeCounts, CountASampleOnlyAfterASwitch) {
    FpModeCounts counts;
    add(counts, sample(1, 0x1f80, 10));
    add(counts, sample(1, 0xbf80, 10)); // stale
    add(counts, sample(1, 0xbf80, 11));
    EXPECT_EQ(counts.of(image(1), 1).samples, 1u);
    EXPECT_EQ(counts.of(image(1), 1).nondefault, 1u);
    EXPECT_EQ(counts.of(image(1), 1).other_modes(), 1);
}

TEST(FpModeCounts, DoNotCountAWaitingThread) {
    FpModeCounts counts;
    add(counts, sample(1, 0x1f80, 10));
    add(counts, sample(1, 0x1f80, 11, 0));
    EXPECT_EQ(counts.of(image(1), 1).samples, 0u);
}

TEST(FpModeCounts, CountAVisit) {
    FpModeCounts counts;
    add(counts, sample(1, 0x1f80, 10, abi::FP_RUNNABLE | abi::FP_ON_CPU)); // seen running
    EXPECT_EQ(counts.of(image(1), 1).samples, 0u);
    add(counts, sample(1, 0x5f80, 11)); // interrupted by the visit
    EXPECT_EQ(counts.of(image(1), 1).samples, 1u);
    EXPECT_EQ(counts.of(image(1), 1).nondefault, 1u);
}

TEST(FpModeCounts, CountFlushedOnlyInOtherModesWithBothBits) {
    FpModeCounts counts;
    add(counts, sample(1, 0x1f80, 1));
    add(counts, sample(1, 0x9fc0, 2)); // to nearest
    add(counts, sample(1, 0xdfc0, 3)); // up, as RandomX sets it
    add(counts, sample(1, 0xdf80, 4)); // FTZ alone
    add(counts, sample(1, 0x5fc0, 5)); // DAZ alone
    add(counts, sample(1, 0x5f80, 6)); // as fesetround sets it
    add(counts, sample(1, 0xffe0, 7)); // to zero, with the inexact flag set
    EXPECT_EQ(counts.of(image(1), 1).nondefault, 5u);
    EXPECT_EQ(counts.of(image(1), 1).flushed, 2u);
}

TEST(FpModeCounts, ReadTheModeFromBits13And14) {
    FpModeCounts counts;
    add(counts, sample(1, 0x1f80, 1));
    add(counts, sample(1, 0x9fc0, 2)); // flush to zero, denormals are zero: still to nearest
    EXPECT_EQ(counts.of(image(1), 1).nondefault, 0u);
    add(counts, sample(1, 0x3f80, 3)); // down
    add(counts, sample(1, 0x5f80, 4)); // up
    add(counts, sample(1, 0x7f80, 5)); // to zero
    EXPECT_EQ(counts.of(image(1), 1).nondefault, 3u);
    EXPECT_EQ(counts.of(image(1), 1).other_modes(), 3);
}

TEST(FpModeCounts, TreatAnInitialStateAsTheDefaultMode) {
    FpModeCounts counts;
    add(counts, sample(1, 0x1f80, 1));
    add(counts, sample(1, 0x7f80, 2, interrupted | abi::FP_INITIAL_STATE));
    EXPECT_EQ(counts.of(image(1), 1).samples, 1u);
    EXPECT_EQ(counts.of(image(1), 1).nondefault, 0u);
}

TEST(FpModeCounts, LeaveOutVirtualCpus) {
    FpModeCounts counts;
    add(counts, sample(1, 0x1f80, 1, interrupted | abi::FP_GUEST_STATE));
    add(counts, sample(1, 0x7f80, 2, interrupted | abi::FP_GUEST_STATE));
    EXPECT_EQ(counts.of(image(1), 1).samples, 0u);
}

TEST(FpModeCounts, RestartWithEachWindowButKeepTheSwitchCount) {
    FpModeCounts counts;
    add(counts, sample(1, 0x7f80, 1));
    add(counts, sample(1, 0x7f80, 2));
    counts.next_window();
    EXPECT_EQ(counts.of(image(1), 1).samples, 0u);
    add(counts, sample(1, 0x7f80, 2)); // the word that was counted before
    EXPECT_EQ(counts.of(image(1), 1).samples, 0u);
    add(counts, sample(1, 0x7f80, 3));
    EXPECT_EQ(counts.of(image(1), 1).samples, 1u);
}

TEST(FpModeCounts, ReturnAStrikingProgramOnceAndOnlyInAllModes) {
    constexpr std::array<std::uint32_t, 3> all{0x3f80, 0x5f80, 0x7f80};
    FpModeCounts counts;
    for (std::uint64_t i = 0; i < 20; ++i) {
        add(counts, sample(1, all.at(i % 3), i));
        add(counts, sample(2, all.at(i % 2), i)); // interval arithmetic: down and up
        add(counts, sample(3, 0x1f80, i));
    }
    EXPECT_EQ(counts.take_striking(), std::vector{image(1)});
    EXPECT_TRUE(counts.take_striking().empty());
    counts.next_window();
    for (std::uint64_t i = 20; i < 40; ++i) add(counts, sample(1, all.at(i % 3), i));
    EXPECT_TRUE(counts.take_striking().empty());
    // Another thread of it does not make it striking again.
    for (std::uint64_t i = 0; i < 20; ++i) {
        abi::fp_mode_record other = sample(1, all.at(i % 3), i);
        other.thread_id = 9;
        add(counts, other);
    }
    EXPECT_TRUE(counts.take_striking().empty());
}

TEST(FpModeCounts, RestartAfterAnExecAndForAReusedThreadId) {
    FpModeCounts counts;
    add(counts, sample(1, 0x7f80, 1));
    add(counts, sample(1, 0x7f80, 2));
    abi::fp_mode_record after = sample(1, 0x1f80, 3);
    after.subject.image = 8; // the same thread, after an exec
    add(counts, after);
    EXPECT_EQ(counts.of({1, 100, 8}, 1).samples, 0u);
    EXPECT_EQ(counts.of(image(1), 1).samples, 1u);
    abi::fp_mode_record reused = sample(1, 0x5f80, 4);
    reused.start_boottime_ns = 60;
    add(counts, reused);
    EXPECT_EQ(counts.of(image(1), 1).samples, 0u); // its first look
}

TEST(FpModeCounts, AddUpByMode) {
    FpModeCount sum;
    for (const std::uint32_t word : {0x3f80u, 0x5f80u, 0x5f80u, 0x7f80u, 0x1f80u}) {
        FpModeCount one;
        one.count(word, false);
        sum += one;
    }
    sum.count(0x7f80, true); // initial state
    EXPECT_EQ(sum.samples, 6u);
    EXPECT_EQ(sum.nondefault, 4u);
    EXPECT_EQ(sum.by_mode, (std::array<std::uint32_t, 4>{2, 1, 2, 1}));
    EXPECT_EQ(sum.other_modes(), 3);
}

} // namespace
} // namespace minewarden::agent
