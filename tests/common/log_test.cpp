// SPDX-License-Identifier: Apache-2.0
#include "common/log.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <unistd.h>

namespace minewarden {
namespace {

/// What a process of its own writes to stderr.
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

TEST(Log, AValueFromOutsideCannotForgeALineOrMoveTheCursor) {
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

TEST(Log, WhatWasEscapedAlreadyIsNotEscapedAgain) {
    const std::string text = logged([] {
        log::set_up("program", "text", "info");
        log::info(R"(C:\x1b)");
    });
    EXPECT_NE(text.find(R"(info: C:\x1b)"), std::string::npos);
}

TEST(Log, JsonIsOneObjectALine) {
    const std::string text = logged([] {
        log::set_up("program", "json", "debug");
        log::debug("say \"{}\"", "a\tb");
    });
    EXPECT_NE(text.find(R"("level":"debug","program":"program","message":"say \"a\\x09b\""})"),
              std::string::npos)
        << text;
}

TEST(Log, LevelsBelowTheLeastAreNotWritten) {
    EXPECT_EQ(logged([] {
                  log::set_up("program", "text", "error");
                  log::warn("no");
                  log::info("no");
              }),
              "");
    EXPECT_NE(logged([] { log::warn("before it is set up"); }), "");
    EXPECT_EQ(logged([] { log::info("before it is set up"); }), "");
}

TEST(Log, ATextOfSeveralLinesIsWrittenLineByLine) {
    const std::string text = logged([] {
        log::set_up("program", "text", "info");
        log::write_lines(log::Level::error, "first\nsecond\n");
    });
    EXPECT_EQ(std::ranges::count(text, '\n'), 2);
    EXPECT_NE(text.find("error: second\n"), std::string::npos);
}

} // namespace
} // namespace minewarden
