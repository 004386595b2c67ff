// SPDX-License-Identifier: Apache-2.0
#include "common/fd.h"
#include "common/log.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <string>
#include <unistd.h>

namespace minewarden {
namespace {

/// Runs `act` in a child process and returns what it writes to stderr.
std::string logged(const std::function<void()>& act) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        act();
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string text;
    std::array<char, 4096> piece{};
    ssize_t got = 0;
    while ((got = ::read(ends[0], piece.data(), piece.size())) > 0)
        text.append(piece.data(), static_cast<std::size_t>(got));
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return text;
}

TEST(Log, EscapesUntrustedValues) {
    const std::string text = logged([] {
        log::set_up("program", "text", "info");
        log::warn("the name {} is bad",
                  "x\n2026-01-01T00:00:00Z program error: \x1b[2Jforged \xff");
    });
    EXPECT_EQ(std::ranges::count(text, '\n'), 1);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(text.find(R"(program warning: the name x\x0a2026)"), std::string::npos);
    EXPECT_NE(text.find(R"(\x1b[2Jforged \xff)"), std::string::npos);
}

TEST(Log, DoesNotEscapeTwice) {
    const std::string text = logged([] {
        log::set_up("program", "text", "info");
        log::info(R"(C:\x1b)");
    });
    EXPECT_NE(text.find(R"(info: C:\x1b)"), std::string::npos);
}

TEST(Log, WritesOneJsonObjectPerLine) {
    const std::string text = logged([] {
        log::set_up("program", "json", "debug");
        log::debug("say \"{}\"", "a\tb");
    });
    EXPECT_NE(text.find(R"("level":"debug","program":"program","message":"say \"a\\x09b\""})"),
              std::string::npos)
        << text;
}

TEST(Log, DoesNotWriteLowerLevels) {
    EXPECT_EQ(logged([] {
                  log::set_up("program", "text", "error");
                  log::warn("no");
                  log::info("no");
              }),
              "");
    EXPECT_NE(logged([] { log::warn("before it is set up"); }), "");
    EXPECT_EQ(logged([] { log::info("before it is set up"); }), "");
}

TEST(Log, WritesSeveralLinesSeparately) {
    const std::string text = logged([] {
        log::set_up("program", "text", "info");
        log::write_lines(log::Level::error, "first\nsecond\n");
    });
    EXPECT_EQ(std::ranges::count(text, '\n'), 2);
    EXPECT_NE(text.find("error: second\n"), std::string::npos);
}

/// A process that logs to a pipe which is read only once it has logged `lines` lines.
struct Stalled {
    explicit Stalled(int lines) {
        std::array<int, 2> log_ends{};
        std::array<int, 2> go_ends{};
        EXPECT_TRUE(::pipe(log_ends.data()) == 0 && ::pipe(go_ends.data()) == 0);
        child = ::fork();
        if (child == 0) {
            ::dup2(log_ends[1], STDERR_FILENO);
            log::set_up("program", "text", "info");
            for (int i = 0; i < lines; ++i) log::info("{:0>90}", i);
            char go = 0;
            ::kill(::getpid(), SIGSTOP); // says that it got here
            (void)!::read(go_ends[0], &go, 1);
            log::info("the last line");
            ::_exit(0);
        }
        ::close(log_ends[1]);
        ::close(go_ends[0]);
        log_end = Fd(log_ends[0]);
        go_end = Fd(go_ends[1]);
    }
    ~Stalled() {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    pid_t child = 0;
    Fd log_end;
    Fd go_end;
};

std::string read_log(int fd, bool until_end) {
    std::string text;
    std::array<char, 65536> piece{};
    if (!until_end) ::fcntl(fd, F_SETFL, O_NONBLOCK);
    ssize_t got = 0;
    while ((got = ::read(fd, piece.data(), piece.size())) > 0)
        text.append(piece.data(), static_cast<std::size_t>(got));
    ::fcntl(fd, F_SETFL, 0);
    return text;
}

TEST(Log, AReaderThatStallsHoldsNothingUp) {
    const Stalled program(20'000);
    int status = 0;
    ASSERT_EQ(::waitpid(program.child, &status, WUNTRACED), program.child);
    ASSERT_TRUE(WIFSTOPPED(status)) << "it logged all its lines, though they are not read";
    const std::string first = read_log(program.log_end.get(), false);
    ::kill(program.child, SIGCONT);
    ASSERT_EQ(::write(program.go_end.get(), "x", 1), 1);
    const std::string rest = read_log(program.log_end.get(), true);
    const std::string all = first + rest;
    const auto lines = std::ranges::count(all, '\n');
    const std::size_t at = rest.find("program warning: stderr was not read: ");
    ASSERT_NE(at, std::string::npos) << rest;
    const std::size_t dropped = std::stoul(rest.substr(at + 38));
    EXPECT_EQ(static_cast<std::size_t>(lines) + dropped, 20'002u);
    EXPECT_NE(rest.find("info: the last line\n"), std::string::npos);
}

TEST(Log, AReaderThatIsGoneHoldsNothingUp) {
    ::signal(SIGPIPE, SIG_IGN);
    Stalled program(200);
    program.log_end.reset();
    int status = 0;
    ASSERT_EQ(::waitpid(program.child, &status, WUNTRACED), program.child);
    EXPECT_TRUE(WIFSTOPPED(status));
}

} // namespace
} // namespace minewarden
