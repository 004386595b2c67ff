// SPDX-License-Identifier: Apache-2.0
#include "agent/processes/alive_in_proc.h"
#include "common/host/process_files.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <unistd.h>

namespace minewarden::agent {
namespace {

/// A child that runs until end(), with its start as the programs in the kernel report it.
class Child {
  public:
    Child() : pid_(::fork()) {
        if (pid_ == 0) {
            ::pause();
            ::_exit(0);
        }
    }
    ~Child() {
        ::kill(pid_, SIGKILL);
        reap();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    [[nodiscard]] abi::subject_id subject() const {
        const auto ticks = read_start_ticks(pid_);
        const auto ns_per_tick = 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
        return {ticks.value_or(0) * ns_per_tick, 1, static_cast<std::uint32_t>(pid_), 0};
    }
    /// Leaves a zombie.
    void end() const {
        ::kill(pid_, SIGKILL);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }
    void reap() const { ::waitpid(pid_, nullptr, 0); }

  private:
    pid_t pid_;
};

TEST(AliveInProc, IsTrueUntilTheProcessEndsAndFalseForAZombie) {
    const Child child;
    const abi::subject_id subject = child.subject();
    EXPECT_TRUE(is_alive_in_proc(subject));
    child.end();
    EXPECT_FALSE(is_alive_in_proc(subject));
    child.reap();
    EXPECT_FALSE(is_alive_in_proc(subject));
}

TEST(AliveInProc, IsFalseForAnOlderProcessWithTheSamePid) {
    const Child child;
    abi::subject_id before = child.subject();
    before.start_boottime_ns -= 3'000'000'000;
    EXPECT_FALSE(is_alive_in_proc(before));
}

} // namespace
} // namespace minewarden::agent
