// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/hot_thread_watch.h"

#include <gtest/gtest.h>

#include <optional>

namespace minewarden::agent {
namespace {

using namespace std::chrono_literals;
using Keys = std::vector<ThreadKey>;

constexpr std::uint64_t second = 1'000'000'000;
constexpr abi::subject_id program{10 * second, 1, 50, 0};

/// A host with four CPUs and one thread, number 70, that runs without pause. It is not idle.
class HotThreadWatchTest : public testing::Test {
  protected:
    HotThreadWatchTest() { workers_.close_window({}, {}, now_); }
    /// So many ticks, a quarter of a second apart.
    void tick(int ticks) {
        for (int i = 0; i < ticks; ++i) {
            now_.ns += second / 4;
            watch_.tick(now_);
        }
    }
    /// A fork of the program that used a second of CPU time ends.
    void end_worker(std::uint32_t pid) {
        abi::process_fork_event fork{};
        fork.parent = program;
        fork.child = {now_.ns, 1, pid, 0};
        processes_.on_fork(fork);
        abi::process_exit_event exit{};
        exit.header = {abi::EVENT_PROCESS_EXIT, sizeof(exit), now_.ns + 1};
        exit.subject = fork.child;
        exit.thread_id = pid;
        exit.thread_start_boottime_ns = now_.ns;
        exit.thread_runtime_ns = second;
        workers_.on_exit(exit, 0);
        processes_.on_exit(exit);
        processes_.take_gone();
    }

    BootTime now_{100 * second};
    bool idle_ = false;
    int scans_ = 0;
    abi::thread_runtime_record record_{};
    std::optional<std::pair<Keys, Keys>> sampled_; ///< by the last call
    ProcessTable processes_{[](const abi::subject_id&) { return true; }};
    WorkerWindows workers_{processes_.lineage(), 10s};
    HotThreadWatch watch_{workers_,
                          processes_,
                          {[this]() -> Result<std::span<const abi::thread_runtime_record>> {
                               ++scans_;
                               record_.thread_id = 70;
                               record_.start_boottime_ns = second;
                               record_.runtime_ns = now_.ns;
                               return std::span<const abi::thread_runtime_record>(&record_, 1);
                           },
                           [this]() -> std::optional<std::chrono::nanoseconds> {
                               return std::chrono::nanoseconds(
                                   idle_ ? static_cast<std::int64_t>(4 * now_.ns) : 0);
                           },
                           4},
                          [this](Keys threads, Keys processes) {
                              sampled_ = {std::move(threads), std::move(processes)};
                          }};
};

TEST_F(HotThreadWatchTest, SamplesBusyThreadsFromTheSecondScanOn) {
    tick(1);
    EXPECT_EQ(scans_, 1);
    EXPECT_EQ(sampled_->first, Keys{});
    tick(7);
    EXPECT_EQ(scans_, 1);
    tick(1);
    EXPECT_EQ(scans_, 2);
    EXPECT_EQ(sampled_->first, (Keys{{70, second}}));
}

TEST_F(HotThreadWatchTest, DoesNotScanWhileTheHostIsIdle) {
    idle_ = true;
    tick(9);
    EXPECT_EQ(scans_, 1); // at first it is not known
    idle_ = false;
    tick(8);
    EXPECT_EQ(scans_, 2);
}

TEST_F(HotThreadWatchTest, SamplesProgramsThatReplaceTheirWorkersAndTheirNewForks) {
    tick(1);
    end_worker(60);
    tick(8);
    EXPECT_EQ(sampled_->second, (Keys{{program.pid, program.start_boottime_ns}}));
    abi::process_fork_event fork{};
    fork.parent = program;
    fork.child = {now_.ns, 1, 61, 0};
    processes_.on_fork(fork);
    tick(1); // without another scan
    EXPECT_EQ(scans_, 2);
    EXPECT_EQ(sampled_->second,
              (Keys{{program.pid, program.start_boottime_ns}, {61, fork.child.start_boottime_ns}}));
}

TEST_F(HotThreadWatchTest, DoesNotSampleAFounderThatHasEnded) {
    abi::process_exec_event exec{};
    exec.subject = program;
    processes_.on_exec(exec);
    abi::process_fork_event fork{};
    fork.parent = program;
    fork.child = {now_.ns, 1, 61, 0};
    processes_.on_fork(fork);
    tick(1);
    end_worker(60);
    abi::process_exit_event exit{};
    exit.subject = program;
    processes_.on_exit(exit);
    processes_.take_gone();
    tick(8);
    EXPECT_EQ(sampled_->second, (Keys{{61, fork.child.start_boottime_ns}}));
}

TEST_F(HotThreadWatchTest, DoesNothingWhereTheKernelCannotBeAsked) {
    bool sampled = false;
    HotThreadWatch watch(workers_, processes_, {},
                         [&](const Keys&, const Keys&) { sampled = true; });
    for (int i = 0; i < 20; ++i) watch.tick(now_);
    EXPECT_FALSE(sampled);
}

} // namespace
} // namespace minewarden::agent
