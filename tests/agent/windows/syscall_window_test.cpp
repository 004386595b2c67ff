// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/syscall_window.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

namespace minewarden::agent {
namespace {

namespace field = rules::syscalls_window;

TEST(SyscallWindow, ReportsRatesOverTheActualTime) {
    SyscallCounts counts{{1, 2, 3}, {}, 1'250'000'000};
    counts.counts[SYS_sched_yield] = 125;
    counts.counts[SYS_nanosleep] = 10;
    counts.counts[SYS_clock_nanosleep] = 15;
    counts.counts[SYS_read] = 5;
    counts.counts[SYS_recvfrom] = 5;
    counts.counts[SYSCALL_SLOTS - 1] = 90;
    const rules::Observation observation = observe_syscalls(counts, 700, {9});
    EXPECT_EQ(observation.integer(field::cpu_permille), 700);
    EXPECT_EQ(observation.integer(field::total_per_s), 200);
    EXPECT_EQ(observation.integer(field::sched_yield_per_s), 100);
    EXPECT_EQ(observation.integer(field::sleep_per_s), 20);
    EXPECT_EQ(observation.integer(field::read_per_s), 8);
    EXPECT_EQ(observation.integer(field::write_per_s), 0);
}

TEST(SyscallWindow, AcceptsASpanOfZero) {
    SyscallCounts counts;
    counts.counts[SYS_write] = 3;
    EXPECT_EQ(observe_syscalls(counts, 0, {9}).integer(field::write_per_s), 3000);
}

} // namespace
} // namespace minewarden::agent
