// SPDX-License-Identifier: Apache-2.0
#include "common/clock.h"
#include "common/host/process_files.h"
#include "tests/common/support/child_process.h"
#include "tests/common/support/child_without_first_thread.h"
#include "tests/common/support/temporary_directory.h"
#include "tests/common/support/unicode.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <sstream>

namespace minewarden {
namespace {

/// Field 22 of /proc/PID/stat, read independently: after the last ')'.
std::uint64_t start_ticks_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat", std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    std::istringstream rest(content.substr(content.rfind(')') + 1));
    std::string word;
    for (int field = 3; field < 22; ++field) rest >> word;
    std::uint64_t ticks = 0;
    rest >> ticks;
    return ticks;
}

TEST(StartTicks, AreReadAfterAnyCommandName) {
    for (const char* name : {"plain", "a) R (b", ") S 1 1 1 1 1", "((((", "))))", "a b c d e",
                             "line\nbreak", ") ", "\x1b[31m", "\xff\xfe", "1 2 3 4 5 6 7", ""}) {
        const auto child = test::ChildProcess::named(name);
        EXPECT_EQ(read_start_ticks(child.pid()), start_ticks_of(child.pid())) << name;
    }
}

TEST(StartTicks, OfAnEndedProcessAreUnknown) {
    auto child = test::ChildProcess::named("short");
    const pid_t pid = child.pid();
    child.end();
    EXPECT_EQ(read_start_ticks(pid), std::nullopt);
    EXPECT_EQ(read_start_ticks(0), std::nullopt);
    EXPECT_EQ(read_start_ticks(-1), std::nullopt);
}

TEST(StartTicks, AreBetweenTheTimesAroundTheStart) {
    const std::uint64_t before = boot_now().ns;
    const auto child = test::ChildProcess::named("timed");
    const std::uint64_t after = boot_now().ns;
    const auto ticks = read_start_ticks(child.pid());
    ASSERT_TRUE(ticks);
    const std::uint64_t tick_ns =
        1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    bool matched = false;
    for (std::uint64_t time = before; time <= after + tick_ns; time += tick_ns / 4)
        matched = matched || matches_start(*ticks, time);
    EXPECT_TRUE(matched);
}

TEST(MatchesStart, AcceptsOnlyTheSameTick) {
    const std::uint64_t tick = 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    const std::uint64_t ticks = 12345;
    EXPECT_TRUE(matches_start(ticks, ticks * tick));
    EXPECT_TRUE(matches_start(ticks, ticks * tick + tick - 1)) << "/proc rounds down";
    EXPECT_FALSE(matches_start(ticks, ticks * tick + tick));
    EXPECT_FALSE(matches_start(ticks, ticks * tick - 1));
    EXPECT_FALSE(matches_start(0, UINT64_MAX));
    EXPECT_FALSE(matches_start(UINT64_MAX, 0));
}

TEST(Executable, OfThisProcess) {
    EXPECT_EQ(read_executable(::getpid()),
              std::filesystem::read_symlink("/proc/self/exe").string());
}

TEST(Executable, OfADeletedFileIsMarked) {
    const test::TemporaryDirectory directory;
    const std::filesystem::path copy = directory / "sleeper";
    std::filesystem::copy_file("/bin/sleep", copy);
    const auto child = test::ChildProcess::running(copy.string());
    EXPECT_EQ(read_executable(child.pid()), copy.string());
    std::filesystem::remove(copy);
    EXPECT_EQ(read_executable(child.pid()), copy.string() + " (deleted)");
}

TEST(Executable, WithOtherBytesIsValidUtf8) {
    const test::TemporaryDirectory directory;
    const std::filesystem::path copy = directory / "\xff\xfename";
    std::filesystem::copy_file("/bin/sleep", copy);
    const auto child = test::ChildProcess::running(copy.string());
    const std::string shown = read_executable(child.pid());
    EXPECT_TRUE(test::is_utf8(shown));
    EXPECT_NE(shown.find("name"), std::string::npos);
}

TEST(Executable, OfAnEndedProcessIsEmpty) {
    auto child = test::ChildProcess::named("short");
    const pid_t pid = child.pid();
    child.end();
    EXPECT_EQ(read_executable(pid), "");
}

TEST(LargestRanges, AreThoseWithoutFilesAndOfAll) {
    const std::string maps =
        "55d0c0000000-55d0f0000000 r--p 00000000 08:01 131090     /usr/bin/huge program\n"
        "55d100000000-55d100021000 rw-p 00000000 00:00 0          [heap]\n"
        "7f0000000000-7f0082000000 rw-p 00000000 00:00 0 \n"
        "7f0100000000-7f0200000000 r-xp 00000000 08:01 262150     /usr/lib/libc.so.6\n"
        "7ffe00000000-7ffe00021000 rw-p 00000000 00:00 0          [stack]\n"
        "7ffe00100000-7ffe00104000 r--p 00000000 00:00 0          [vvar]\n"
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n";
    EXPECT_EQ(largest_ranges(maps), (LargestRanges{0x82000000U, 0x100000000U}));
}

TEST(LargestRanges, CountsAllOtherMappings) {
    for (const char* name :
         {"", "[heap]", "[stack]", "[anon:scratchpad]", "[anon_shmem:dataset]",
          "/memfd:dataset (deleted)", "/memfd:a b (deleted)", "/anon_hugepage (deleted)",
          "/dev/zero (deleted)", "/SYSV00000000 (deleted)"})
        EXPECT_EQ(largest_ranges(std::string("7f0000000000-7f0082000000 rw-s 00000000 00:01 "
                                             "3076                       ") +
                                 name + "\n"),
                  (LargestRanges{0x82000000U, 0x82000000U}))
            << name;
}

TEST(LargestRanges, DoesNotCountFiles) {
    for (const char* name :
         {"/usr/lib/x.so", "/var/lib/db/data.mdb", "/tmp/x (deleted)", "/home/[heap]",
          "/tmp/memfd:x", "/tmp/memfd:x (deleted)", "/srv/a b c", "/tmp/anon_hugepage (deleted)"})
        EXPECT_EQ(largest_ranges(std::string("7f0000000000-7f0082000000 rw-s 00000000 08:01 "
                                             "3076                       ") +
                                 name + "\n"),
                  (LargestRanges{0, 0x82000000U}))
            << name;
}

// An array can consist of several mappings: of other access, of other files, or both.
TEST(LargestRanges, JoinMappingsThatFollowEachOther) {
    EXPECT_EQ(largest_ranges("7f0000000000-7f0001000000 rw-p 00000000 00:00 0 \n"
                             "7f0001000000-7f0002000000 r--p 00000000 00:00 0 \n"
                             "7f0002000000-7f0003000000 rw-s 00000000 08:01 5 /srv/data\n"
                             "7f0003000000-7f0004000000 rw-s 00000000 00:01 6 /memfd:x (deleted)\n"
                             "7f0004001000-7f0006001000 rw-p 00000000 00:00 0 \n"),
              (LargestRanges{0x2000000U, 0x4000000U}));
}

TEST(LargestRanges, LeaveOutReservedAddresses) {
    EXPECT_EQ(largest_ranges("7f0000000000-7f0001000000 rw-p 00000000 00:00 0 \n"
                             "7f0001000000-7f1000000000 ---p 00000000 00:00 0 \n"
                             "7f1000000000-7f1000800000 --xp 00000000 00:00 0 \n"),
              (LargestRanges{0x1000000U, 0x1000000U}));
}

TEST(LargestRanges, IgnoresInvalidLines) {
    for (const char* maps : {"", "\n\n", "garbage", "-", "zz-yy rw-p 0 0:0 0",
                             "7f0082000000-7f0000000000 rw-p 0 00:00 0 \n", "7f0000000000",
                             "7f0000000000-", "-7f0000000000 rw-p 00000000 00:00 0 \n"})
        EXPECT_EQ(largest_ranges(maps), LargestRanges{}) << maps;
}

TEST(LargestRanges, OfARealProcessIsKnown) {
    const auto child = test::ChildProcess::running("/bin/sleep");
    const auto largest = read_largest_ranges(child.pid());
    ASSERT_TRUE(largest);
    EXPECT_GT(largest->without_files, 4096U);
    EXPECT_GE(largest->of_all, largest->without_files);
    EXPECT_LT(largest->of_all, 1U << 30);
}

TEST(LargestRanges, OfAnEndedProcessIsUnknown) {
    auto child = test::ChildProcess::named("short");
    const pid_t pid = child.pid();
    child.end();
    EXPECT_EQ(read_largest_ranges(pid), std::nullopt);
}

TEST(Cgroups, AreReadUnchanged) {
    std::ifstream file("/proc/self/cgroup");
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(read_cgroups(::getpid()), content);
    auto child = test::ChildProcess::named("short");
    const pid_t pid = child.pid();
    child.end();
    EXPECT_EQ(read_cgroups(pid), "");
}

/// The start time as precisely as /proc shows it.
std::uint64_t start_of(pid_t pid) {
    static const auto tick = 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    return *read_start_ticks(pid) * tick;
}

TEST(ProcessFacts, OfALivingProcess) {
    const auto child = test::ChildProcess::running("/bin/sleep");
    const auto facts = read_process_facts(child.pid(), start_of(child.pid()));
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->executable, read_executable(child.pid()));
    EXPECT_EQ(facts->cgroups, read_cgroups(child.pid()));
    EXPECT_FALSE(facts->ending);
    EXPECT_EQ(facts->pid_inside, 0u);
}

TEST(ProcessFacts, OfAReusedPidAreUnknown) {
    const auto child = test::ChildProcess::named("later");
    const std::uint64_t tick = 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    EXPECT_FALSE(read_process_facts(child.pid(), start_of(child.pid()) - tick));
    EXPECT_FALSE(read_process_facts(child.pid(), start_of(child.pid()) + tick));
    EXPECT_FALSE(read_process_facts(0, 0));
}

TEST(ProcessFacts, OfAZombieShowThatItIsEnding) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    siginfo_t information{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &information, WEXITED | WNOWAIT), 0);
    const auto facts = read_process_facts(pid, start_of(pid));
    ::waitpid(pid, nullptr, 0);
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->ending);
    EXPECT_EQ(facts->executable, "");
}

// A miner continues after its first thread ended. /proc/PID itself then shows a zombie.
TEST(ProcessFacts, AreReadThroughALivingThread) {
    const test::ChildWithoutFirstThread child(
        [] { (void)::mmap(nullptr, 512 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); });
    const auto facts = read_process_facts(child.pid(), start_of(child.pid()));
    const auto mapping = read_largest_ranges(child.pid());
    ASSERT_TRUE(mapping);
    EXPECT_GE(mapping->without_files, 512u << 20);
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->ending);
    EXPECT_EQ(facts->executable, std::filesystem::read_symlink("/proc/self/exe").string());
    EXPECT_EQ(facts->cgroups, read_cgroups(::getpid()));
}

TEST(ProcessStat, ReadsFlagsAndStartAfterAnyName) {
    const std::string rest = " S 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0\n";
    for (const char* name : {"sleep", "a) R 1 (b", "((", "))", ""}) {
        const auto stat = parse_process_stat("12 (" + std::string(name) + ")" + rest);
        ASSERT_TRUE(stat) << name;
        EXPECT_EQ(stat->start_ticks, 777u);
        EXPECT_FALSE(stat->ending);
    }
    const auto zombie =
        parse_process_stat("12 (x) Z 1 1 1 0 -1 4194564 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0\n");
    ASSERT_TRUE(zombie);
    EXPECT_TRUE(zombie->ending);
    for (const char* bad : {"", ")", "1 (x)", "1 (x) S 1 1", "1 x S 1 1 1 0 -1 4 0",
                            "1 (x) S 1 1 1 0 -1 FLAGS 0 0 0 0 0 0 0 0 20 0 1 0 777 0 0",
                            "1 (x) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 99999999999999999999 0"})
        EXPECT_FALSE(parse_process_stat(bad)) << bad;
}

TEST(PidInside, IsTheLastOfSeveral) {
    EXPECT_EQ(parse_pid_inside("Name:\tx\nNSpid:\t4711\t12\t1\nNSpgid:\t1\t1\t1\n"), 1u);
    EXPECT_EQ(parse_pid_inside("NSpid:\t4711\t12\n"), 12u);
    EXPECT_EQ(parse_pid_inside("NSpid:\t4711\n"), 0u) << "the reader's own namespace";
    for (const char* odd :
         {"", "NSpid:", "NSpid:\t1\tx", "NSpid:\t1\t-2", "NSpid:\t1\t99999999999"})
        EXPECT_EQ(parse_pid_inside(odd), 0u) << odd;
}

} // namespace
} // namespace minewarden
