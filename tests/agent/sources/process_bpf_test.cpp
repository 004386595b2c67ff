// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/process_table.h"
#include "common/clock.h"
#include "common/host/process_files.h"
#include "tests/agent/sources/bpf_fixture.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <xmmintrin.h>

namespace minewarden::agent {
namespace {

class ProcessBpfTest : public BpfTest {
  protected:
    [[nodiscard]] bool shares_sources() const override { return true; }
    /// Runs in a child, which then exits with the result. Returns its pid after its end.
    static pid_t run_child(const std::function<int()>& body) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(body());
        int status = 0;
        ::waitpid(child, &status, 0);
        return child;
    }
    std::vector<abi::process_exec_event> execs_of(pid_t pid) const {
        auto all = events_of<abi::process_exec_event>(abi::EVENT_PROCESS_EXEC);
        std::erase_if(
            all, [&](const auto& e) { return e.subject.pid != static_cast<std::uint32_t>(pid); });
        return all;
    }
    const abi::process_exit_event* exit_of(pid_t pid) {
        exits_ = events_of<abi::process_exit_event>(abi::EVENT_PROCESS_EXIT);
        const auto found = std::ranges::find_if(exits_, [&](const auto& e) {
            return e.subject.pid == static_cast<std::uint32_t>(pid);
        });
        return found == exits_.end() ? nullptr : &*found;
    }
    std::vector<abi::process_exit_event> exits_;
};

TEST_F(ProcessBpfTest, ReportsForkExecAndExitOfAChildInOrder) {
    const BootTime before = boot_now();
    const pid_t child = run_child([] {
        ::execl("/bin/true", "some-other-name", static_cast<char*>(nullptr));
        return 127;
    });
    ASSERT_TRUE(drain_until([&] { return exit_of(child) != nullptr; }));
    const auto forks = events_of<abi::process_fork_event>(abi::EVENT_PROCESS_FORK);
    const auto fork = std::ranges::find_if(
        forks, [&](const auto& e) { return e.child.pid == static_cast<std::uint32_t>(child); });
    ASSERT_NE(fork, forks.end());
    EXPECT_EQ(fork->parent.pid, static_cast<std::uint32_t>(::getpid()));
    const auto execs = execs_of(child);
    ASSERT_EQ(execs.size(), 1u);
    EXPECT_STREQ(execs[0].path, "/bin/true");
    EXPECT_STREQ(execs[0].command, "true");
    EXPECT_EQ(execs[0].parent.pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_EQ(execs[0].user_id, 0u);
    EXPECT_GE(execs[0].file_links, 1u);
    EXPECT_EQ(execs[0].subject.image, fork->child.image + 1); // exec makes the next image
    EXPECT_EQ(execs[0].subject.start_boottime_ns, fork->child.start_boottime_ns);
    EXPECT_GE(execs[0].subject.start_boottime_ns, before.ns);
    EXPECT_GE(fork->header.boottime_ns, before.ns);
    EXPECT_LE(fork->header.boottime_ns, execs[0].header.boottime_ns);
    EXPECT_LE(execs[0].header.boottime_ns, exit_of(child)->header.boottime_ns);
    EXPECT_EQ(exit_of(child)->exit_code, 0u);
}

TEST_F(ProcessBpfTest, ReportsTheStartTimeOfProc) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    const auto ticks = read_start_ticks(child);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(ticks);
    ASSERT_TRUE(drain_until([&] { return exit_of(child) != nullptr; }));
    EXPECT_TRUE(matches_start(*ticks, exit_of(child)->subject.start_boottime_ns));
    EXPECT_EQ(exit_of(child)->exit_code, static_cast<std::uint32_t>(SIGKILL));
}

TEST_F(ProcessBpfTest, ReportsNoLinksForAProgramWithoutAFile) {
    const pid_t child = run_child([] {
        const Fd memory(::memfd_create("hidden", 0));
        const auto program = Fd(::open("/bin/true", O_RDONLY));
        std::array<char, 65536> chunk;
        for (ssize_t got = 0; (got = ::read(program.get(), chunk.data(), chunk.size())) > 0;)
            if (::write(memory.get(), chunk.data(), static_cast<std::size_t>(got)) != got) return 1;
        std::array<char*, 1> none{nullptr};
        ::syscall(SYS_execveat, memory.get(), "", none.data(), none.data(), AT_EMPTY_PATH);
        return 127;
    });
    ASSERT_TRUE(drain_until([&] { return exit_of(child) != nullptr; }));
    ASSERT_EQ(execs_of(child).size(), 1u);
    EXPECT_EQ(execs_of(child)[0].file_links, 0u);
}

TEST_F(ProcessBpfTest, ReportsTheCpuTimeOfAThreadAtItsEnd) {
    std::uint32_t worker_id = 0;
    std::thread worker([&worker_id] {
        worker_id = static_cast<std::uint32_t>(::gettid());
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(80);
        while (std::chrono::steady_clock::now() < end) {
        }
    });
    worker.join();
    std::thread([] {}).join(); // one that did not work is not reported
    std::vector<abi::process_exit_event> ended;
    ASSERT_TRUE(drain_until([&] {
        ended = events_of<abi::process_exit_event>(abi::EVENT_THREAD_EXIT);
        std::erase_if(ended, [](const auto& e) {
            return e.subject.pid != static_cast<std::uint32_t>(::getpid());
        });
        return !ended.empty();
    }));
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].thread_id, worker_id);
    EXPECT_GE(ended[0].runtime_ns, THREAD_EXIT_MINIMUM_NS);
}

TEST_F(ProcessBpfTest, ReportsTheLastRoundingModeOfAThreadAtItsEnd) {
    std::atomic<std::uint32_t> worker_id = 0;
    std::thread worker([&worker_id] {
        worker_id = static_cast<std::uint32_t>(::gettid());
        _mm_setcsr(0x5f80);
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
        while (std::chrono::steady_clock::now() < end) {
        }
        ::usleep(1000); // leaves its CPU in that mode
        ::syscall(SYS_exit, 0);
    });
    worker.detach(); // it ends without the library's farewell
    abi::process_exit_event ended{};
    ASSERT_TRUE(drain_until([&] {
        for (const auto& event : events_of<abi::process_exit_event>(abi::EVENT_THREAD_EXIT))
            if (event.thread_id == worker_id) ended = event;
        return ended.thread_id != 0;
    }));
    EXPECT_NE(ended.fp_flags & abi::FP_EXIT_WORD, 0u);
    EXPECT_EQ(ended.control_word >> 13 & 3, 2u);
    EXPECT_EQ(ended.runtime_ns, ended.thread_runtime_ns);
    EXPECT_GE(ended.thread_start_boottime_ns, ended.subject.start_boottime_ns);
    EXPECT_EQ(errors_at("EXIT_FP_READ"), 0u);
}

TEST_F(ProcessBpfTest, DoesNotReadTheRoundingModeOfAChildThatHardlyRan) {
    // On a slow machine even such a child can run for longer than the minimum.
    for (int i = 0; i < 20; ++i) {
        const pid_t child = run_child([] { return 0; });
        ASSERT_TRUE(drain_until([&] { return exit_of(child) != nullptr; }));
        if (exit_of(child)->thread_runtime_ns >= THREAD_EXIT_MINIMUM_NS) continue;
        EXPECT_EQ(exit_of(child)->fp_flags, 0u);
        return;
    }
    GTEST_SKIP() << "every child ran for more than 10 ms";
}

TEST_F(ProcessBpfTest, ReportsWhatTheProcessUsedBeforeAnExec) {
    const pid_t child = run_child([] {
        const auto work = [](int ms) {
            const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
            while (std::chrono::steady_clock::now() < end) {
            }
        };
        std::thread([&] { work(100); }).join();
        work(50);
        ::execl("/bin/true", "true", static_cast<char*>(nullptr));
        return 127;
    });
    ASSERT_TRUE(drain_until([&] { return exit_of(child) != nullptr; }));
    ASSERT_EQ(execs_of(child).size(), 1u);
    const abi::process_exec_event exec = execs_of(child)[0];
    EXPECT_GT(exec.runtime_ns, exec.thread_runtime_ns); // the other thread's CPU as well
    EXPECT_GT(exec.thread_runtime_ns, 0u);
    EXPECT_GE(exit_of(child)->runtime_ns, exec.runtime_ns); // counters go on
}

TEST_F(ProcessBpfTest, ReportsAProcessNameWithControlCharactersAsBytes) {
    const pid_t child = run_child([] {
        ::symlink("/bin/true", "/tmp/\x1b[2Jmw");
        ::execl("/tmp/\x1b[2Jmw", "x", static_cast<char*>(nullptr));
        return 127;
    });
    ::unlink("/tmp/\x1b[2Jmw");
    ASSERT_TRUE(drain_until([&] { return exit_of(child) != nullptr; }));
    ASSERT_EQ(execs_of(child).size(), 1u);
    EXPECT_STREQ(execs_of(child)[0].command, "\x1b[2Jmw");
}

TEST_F(ProcessBpfTest, CountsEventsThatFindNoRoom) {
    // The ring is not drained, and four megabytes of exec events do not fit into two.
    const std::size_t enough = 2 * EVENT_RING_BYTES / sizeof(abi::process_exec_event);
    std::size_t made = 0;
    for (; made < enough && errors_at("EXEC_RING_FULL") == 0; made += 100) {
        for (int i = 0; i < 100; ++i) {
            const pid_t child = ::vfork();
            if (child == 0) {
                ::execl("/bin/true", "true", static_cast<char*>(nullptr));
                ::_exit(127);
            }
            int status = 0;
            ::waitpid(child, &status, 0);
        }
    }
    EXPECT_GT(errors_at("EXEC_RING_FULL") + errors_at("FORK_RING_FULL") +
                  errors_at("EXIT_RING_FULL"),
              0u);
    sources_->ring().drain();
    const std::size_t seen = events_of<abi::process_exec_event>(abi::EVENT_PROCESS_EXEC).size();
    EXPECT_GE(seen + errors_at("EXEC_RING_FULL"), made); // nothing is lost without being counted
}

} // namespace
} // namespace minewarden::agent
