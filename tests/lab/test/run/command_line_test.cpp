// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/command_line.h"

#include <gtest/gtest.h>

namespace minewarden::lab {
namespace {

CommandLine make_line() {
    CommandLine line("try", "For the test.");
    line.flag("quiet", "say little")
        .text("name", "TEXT", "bob", "who")
        .choice("dialect", {"monero", "bitcoin"}, "", "which")
        .number("threads", 1, 1, 255, "how many")
        .real("interval", "0.5", 0, 10, "how often");
    return line;
}

std::string error_of(const std::vector<std::string>& arguments) {
    CommandLine line = make_line();
    const auto outcome = line.parse(arguments);
    if (outcome) return "no error";
    EXPECT_EQ(outcome.error().kind, ErrorKind::usage);
    return outcome.error().message;
}

TEST(CommandLine, ReturnsDefaultsAndValues) {
    CommandLine line = make_line();
    const auto outcome = line.parse({"--dialect", "monero", "--threads=7", "--quiet"});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(*outcome, CommandLine::Outcome::run);
    EXPECT_EQ(line.number("threads"), 7);
    EXPECT_EQ(line.number("seconds"), 60);
    EXPECT_EQ(line.real("interval"), 0.5);
    EXPECT_EQ(line.text("name"), "bob");
    EXPECT_TRUE(line.has("quiet"));
    EXPECT_FALSE(line.has("name"));
}

TEST(CommandLine, RefusesUnknownOptions) {
    EXPECT_EQ(error_of({"--dialect", "monero", "--thread", "7"}),
              "unknown option \"--thread\" (did you mean \"--threads\"?)");
    EXPECT_EQ(error_of({"--dialect", "doge"}), "--dialect: \"doge\" is not one of monero, bitcoin");
    EXPECT_EQ(error_of({"--dialect", "monero", "extra"}),
              "unexpected argument \"extra\"; options start with --");
    EXPECT_EQ(error_of({}), "--dialect monero|bitcoin is required");
}

TEST(CommandLine, RefusesNumbersOutOfRange) {
    const std::vector<std::string> bad = {
        "0", "-1", "256", "", "7x", "1e1", "99999999999999999999"};
    for (const std::string& value : bad)
        EXPECT_NE(error_of({"--dialect", "monero", "--threads=" + value}), "no error") << value;
    for (const std::string value : {"nan", "inf", "-0.1", "11", "x"})
        EXPECT_NE(error_of({"--dialect", "monero", "--interval=" + value}), "no error") << value;
}

TEST(CommandLine, LimitsTheTimeOfEveryRun) {
    EXPECT_EQ(error_of({"--dialect", "monero", "--seconds", "3601"}),
              "--seconds: \"3601\" is not a whole number from 1 to 3600");
    EXPECT_NE(error_of({"--dialect", "monero", "--seconds", "0"}), "no error");
}

TEST(CommandLine, RefusesAnOptionGivenTwice) {
    EXPECT_NE(error_of({"--dialect", "monero", "--name", "a", "--name", "b"}), "no error");
}

TEST(CommandLine, HelpListsEveryOption) {
    CommandLine line = make_line();
    const auto outcome = line.parse({"--help"});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(*outcome, CommandLine::Outcome::help);
    for (const char* name : {"--help", "--seconds 1..3600", "--quiet", "--name TEXT",
                             "--dialect monero|bitcoin", "--threads 1..255", "(default 0.5)"})
        EXPECT_NE(line.help().find(name), std::string::npos) << name;
}

} // namespace
} // namespace minewarden::lab
