// SPDX-License-Identifier: Apache-2.0
#include "common/clock.h"
#include "common/host/namespaces.h"
#include "common/host/process_files.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <sched.h>
#include <unistd.h>

namespace minewarden {
namespace {

TEST(BoottimeOffset, ParsesTheFile) {
    using std::chrono::nanoseconds;
    const char* const file = "monotonic           0         0\nboottime       100000         0\n";
    EXPECT_EQ(*parse_boottime_offset(file), nanoseconds(100'000'000'000'000));
    EXPECT_EQ(*parse_boottime_offset("boottime 0 0\n"), nanoseconds(0));
    EXPECT_EQ(*parse_boottime_offset("boottime -2 500000000\n"), nanoseconds(-1'500'000'000));
    for (const char* bad : {"", "boottime", "boottime x 0", "boottime 1", "boottime 1 -1",
                            "boottime 1 1000000000", "boottime 99999999999 0", "monotonic 1 1\n"})
        EXPECT_FALSE(parse_boottime_offset(bad)) << bad;
}

/// Runs `body` in a child in a time namespace that is `seconds` ahead. Returns its exit status, or
/// -1 if time namespaces are not available or not permitted.
int run_ahead(int seconds, int (*body)()) {
    if (::access("/proc/self/timens_offsets", F_OK) != 0 || ::geteuid() != 0) return -1;
    const pid_t pid = ::fork();
    if (pid == 0) {
        if (::unshare(CLONE_NEWTIME) != 0) ::_exit(255);
        std::ofstream("/proc/self/timens_offsets") << "boottime " << seconds << " 0";
        const pid_t inner = ::fork(); // children are in the new namespace
        if (inner == 0) ::_exit(body());
        int status = 0;
        ::waitpid(inner, &status, 0);
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 254);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

TEST(HostClock, IsKnownInATimeNamespace) {
    static const BootTime before = boot_now();
    const int result = run_ahead(100'000, [] {
        if (in_initial_namespace(NamespaceKind::time)) return 1;
        const auto offset = read_host_clock_offset();
        if (!offset || *offset != std::chrono::seconds(100'000)) return 2;
        if (boot_now().ns < before.ns + 100'000'000'000'000)
            return 3; // the clock is not corrected yet
        set_host_clock_offset(*offset);
        const BootTime now = boot_now();
        if (now < before || now.ns - before.ns > 60'000'000'000) return 4;
        // A start time on the host's clock must match the ticks that /proc shows here.
        const auto ticks = read_start_ticks(::getpid());
        if (!ticks) return 5;
        for (std::uint64_t ns = before.ns - 10'000'000; ns <= now.ns; ns += 1'000'000)
            if (matches_start(*ticks, ns)) return 0;
        return 6;
    });
    if (result < 0) GTEST_SKIP() << "no time namespaces here, or not root";
    EXPECT_EQ(result, 0);
}

TEST(HostClock, IsUnknownIfTheFileIsAboutAnotherNamespace) {
    const int result = run_ahead(100'000, [] {
        if (::unshare(CLONE_NEWTIME) != 0) return 1;
        const auto offset = read_host_clock_offset();
        return !offset && offset.error().message.find("time namespace") != std::string::npos ? 0
                                                                                             : 2;
    });
    if (result < 0) GTEST_SKIP() << "no time namespaces here, or not root";
    EXPECT_EQ(result, 0);
}

TEST(InitialNamespaces, AreNotThoseOfAnUnsharedProcess) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    const pid_t pid = ::fork();
    if (pid == 0) {
        const bool before = in_initial_namespace(NamespaceKind::cgroup);
        if (::unshare(CLONE_NEWCGROUP) != 0) ::_exit(3);
        ::_exit(!in_initial_namespace(NamespaceKind::cgroup) ? (before ? 0 : 4) : 1);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WEXITSTATUS(status) == 3) GTEST_SKIP() << "no cgroup namespaces here";
    if (WEXITSTATUS(status) == 4) GTEST_SKIP() << "already in a cgroup namespace";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(HostNamespaceComparison, TellsAProcessInItsOwnMountNamespace) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    const HostNamespaces own = compare_with_host("/proc/self");
    if (own == HostNamespaces::unknown) GTEST_SKIP() << "the host's namespaces cannot be read";
    const pid_t pid = ::fork();
    if (pid == 0) {
        if (::unshare(CLONE_NEWNS) != 0) ::_exit(3);
        ::_exit(compare_with_host("/proc/self") == HostNamespaces::other ? 0 : 1);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WEXITSTATUS(status) == 3) GTEST_SKIP() << "no mount namespaces here";
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(compare_with_host("/proc/0"), HostNamespaces::unknown);
}

} // namespace
} // namespace minewarden
