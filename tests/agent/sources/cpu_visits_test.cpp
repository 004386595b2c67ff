// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/fp_mode/cpu_visits.h"

#include <gtest/gtest.h>

#include <thread>
#include <unistd.h>

namespace minewarden::agent {
namespace {

TEST(CpuVisits, ParsesCpuListsOfTheKernel) {
    EXPECT_EQ(parse_cpu_list(""), std::set<int>{});
    EXPECT_EQ(parse_cpu_list("\n"), std::set<int>{});
    EXPECT_EQ(parse_cpu_list("3\n"), std::set<int>{3});
    EXPECT_EQ(parse_cpu_list("2-4,7"), (std::set<int>{2, 3, 4, 7}));
    EXPECT_EQ(parse_cpu_list("x,-1,5-,99999999999,1-999999,6"), std::set<int>{6});
}

TEST(CpuVisits, GoesToACpuAndHomeAgain) {
    std::thread([] { // affinity belongs to the thread
        CpuVisits visits({});
        ASSERT_TRUE(visits.go_to(0));
        EXPECT_EQ(::sched_getcpu(), 0);
        cpu_set_t now;
        ::sched_getaffinity(0, sizeof(now), &now);
        EXPECT_EQ(CPU_COUNT(&now), 1);
        visits.go_home();
        ::sched_getaffinity(0, sizeof(now), &now);
        EXPECT_GE(CPU_COUNT(&now), 1);
    })
        .join();
}

TEST(CpuVisits, LeavesTheGivenCpusAlone) {
    CpuVisits visits({0});
    EXPECT_FALSE(visits.go_to(0));
    EXPECT_FALSE(visits.go_to(-1));
    EXPECT_FALSE(visits.go_to(8000)); // no such CPU
}

TEST(CpuVisits, RunsOnArrivalWithTheSameNiceValueAndMinimalPrivileges) {
    std::thread([] {
        if (!run_on_arrival()) GTEST_SKIP() << "kernel before 6.12, and no real-time priority here";
        const int policy = ::sched_getscheduler(0);
        EXPECT_TRUE(policy == SCHED_OTHER || policy == SCHED_FIFO);
        sched_param parameters{};
        ASSERT_EQ(::sched_getparam(0, &parameters), 0);
        EXPECT_EQ(parameters.sched_priority, policy == SCHED_FIFO ? 1 : 0);
    }).join();
}

} // namespace
} // namespace minewarden::agent
