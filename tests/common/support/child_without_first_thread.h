// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <functional>
#include <pthread.h>
#include <unistd.h>

namespace minewarden::test {

/// A child process whose first thread has ended while another one lives: /proc/PID shows a zombie.
/// Runs `before` first. The destructor ends it.
class ChildWithoutFirstThread {
  public:
    explicit ChildWithoutFirstThread(const std::function<void()>& before = [] {}) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        const Fd reader(ends[0]);
        const Fd writer(ends[1]);
        pid_ = ::fork();
        if (pid_ == 0) {
            before();
            static int ready = ends[1];
            pthread_t thread{};
            ::pthread_create(
                &thread, nullptr,
                [](void*) -> void* {
                    ::usleep(100'000); // wait until the first thread has ended
                    (void)!::write(ready, "x", 1);
                    for (;;) ::pause();
                },
                nullptr);
            ::syscall(SYS_exit, 0); // ends only this thread
        }
        char byte = 0;
        EXPECT_EQ(::read(reader.get(), &byte, 1), 1);
    }
    ~ChildWithoutFirstThread() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ChildWithoutFirstThread(const ChildWithoutFirstThread&) = delete;
    ChildWithoutFirstThread& operator=(const ChildWithoutFirstThread&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
};

} // namespace minewarden::test
