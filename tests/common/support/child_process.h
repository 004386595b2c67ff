// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/fd.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace minewarden::test {

/// A child process that does one thing, reports it, and waits until this object is destroyed.
class ChildProcess {
  public:
    /// Sets its name (prctl PR_SET_NAME).
    static ChildProcess named(const std::string& name) {
        return ChildProcess([&](const Fd& ready) {
            ::prctl(PR_SET_NAME, name.c_str());
            (void)!::write(ready.get(), "x", 1);
            for (;;) ::pause();
        });
    }
    /// Runs a program; returns when execve succeeded, which closes the pipe.
    static ChildProcess running(const std::string& program) {
        return ChildProcess([&](const Fd&) {
            ::execl(program.c_str(), program.c_str(), "3600", nullptr);
            std::_Exit(127);
        });
    }
    ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    ChildProcess& operator=(ChildProcess&&) = delete;
    ~ChildProcess() { end(); }

    [[nodiscard]] pid_t pid() const { return pid_; }
    void end() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(std::exchange(pid_, -1), nullptr, 0);
    }

  private:
    template <class Body>
    explicit ChildProcess(Body body) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        const Fd reader(ends[0]);
        Fd writer(ends[1]);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            body(writer);
        }
        writer.reset();
        char byte = 0;
        (void)!::read(reader.get(), &byte, 1);
    }
    pid_t pid_ = -1;
};

} // namespace minewarden::test
