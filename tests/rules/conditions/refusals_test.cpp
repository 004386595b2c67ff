// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/conditions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Conditions that must not compile, with the position of the mistake.
namespace minewarden::rules::conditions {
namespace {

using test::problems;
using test::shown;
constexpr auto window = ObservationType::thread_window;
constexpr auto message = ObservationType::stratum_message;

/// Expects the first problem at the start of `word`, which must occur once.
void expect_at(std::string_view source, std::string_view word, ObservationType on,
               std::string_view part = "", const Names& names = {}) {
    const auto errors = problems(source, on, names);
    if (errors.empty()) return;
    EXPECT_EQ(errors.front().offset, source.find(word)) << source << "\n" << shown(errors);
    EXPECT_NE(errors.front().message.find(part), std::string::npos) << shown(errors);
}

TEST(ConditionRefusal, UnknownFieldsSuggestTheClosest) {
    expect_at("cpu_permile > 5", "cpu_permile", window, "did you mean \"cpu_permille\"?");
    expect_at("fp_modes > 1 and zzzz > 5", "zzzz", window, "thread.window");
    expect_at("dialect = \"x\"", "dialect", window);
    expect_at("exists wallt", "wallt", message, "did you mean \"wallet\"?");
}

TEST(ConditionRefusal, ComparisonsOfDifferentTypes) {
    expect_at("cpu_permille = \"x\"", "\"x\"", window, "whole number");
    expect_at("dialect = 5", "5", message, "text");
    expect_at("sent = 5", "5", message);
    expect_at("sent = \"true\"", "\"true\"", message);
    expect_at("cpu_permille > policy", "policy", window);
    expect_at("dialect = remote_port", "remote_port", message);
    expect_at("cpu_permille = true", "true", window);
}

TEST(ConditionRefusal, OrderOfOtherTypes) {
    expect_at("dialect < \"x\"", "dialect", message, "order");
    expect_at("sent >= true", "sent", message, "order");
    expect_at("1 < 2 and dialect > wallet", "dialect", message, "order");
}

TEST(ConditionRefusal, AddressesComparedWithText) {
    (void)problems("remote_address = \"10.0.0.1\"", message);
    (void)problems("remote_address contains \"10\"", message);
    (void)problems("remote_address in (\"10.0.0.1\")", message);
}

TEST(ConditionRefusal, TestsOnTheWrongType) {
    expect_at("cpu_permille contains \"1\"", "cpu_permille", window);
    expect_at("sent glob \"*\"", "sent", message);
    expect_at("remote_port regex \"1\"", "remote_port", message);
    expect_at("dialect cidr \"10.0.0.0/8\"", "dialect", message);
    expect_at("remote_port cidr \"10.0.0.0/8\"", "remote_port", message);
}

TEST(ConditionRefusal, PatternsOfTheWrongType) {
    (void)problems("dialect contains 5", message);
    (void)problems("dialect contains (\"a\", 5)", message);
    (void)problems("dialect in (\"a\", 5)", message);
    (void)problems("remote_port in (\"a\")", message);
    (void)problems("dialect in ()", message);
    (void)problems("dialect contains wallet", message);
}

TEST(ConditionRefusal, ArithmeticOnOtherTypes) {
    expect_at("1 + dialect = 2", "dialect", message);
    expect_at("1 * sent = 2", "sent", message);
    (void)problems("\"a\" + \"b\" = \"ab\"", message);
}

TEST(ConditionRefusal, ArithmeticReportsTheWrongOperand) {
    expect_at("dialect + 1 = 2", "dialect", message);
    expect_at("sent * 2 = 2", "sent", message);
}

TEST(ConditionRefusal, BrokenPatterns) {
    (void)problems("dialect regex \"(\"", message);
    (void)problems("dialect regex \"a**\"", message);
    (void)problems("dialect regex \"(?=look)\"", message);
    (void)problems("remote_address cidr \"10.0.0.0/33\"", message);
    (void)problems("remote_address cidr \"pool.example.com\"", message);
    (void)problems("dialect regex \"" + std::string(100'000, 'a') + "\"", message);
}

TEST(ConditionRefusal, BrokenPatternsAreReportedAtTheirPosition) {
    expect_at("dialect regex (\"a\", \"(\", \"b\")", "\"(\"", message, "regular expression");
    expect_at("remote_address cidr (\"10.0.0.0/8\", \"10.0.0.0/33\")", "\"10.0.0.0/33\"", message,
              "10.0.0.0/33");
}

TEST(ConditionRefusal, RegexThatNeedsTooMuchMemory) {
    const auto condition =
        Condition::compile("dialect regex \"((a{100}){100}){100}\"", message, {});
    EXPECT_FALSE(condition) << "a million states";
}

TEST(ConditionRefusal, NumbersAsConditions) {
    (void)problems("cpu_permille", window);
    (void)problems("5", window);
    (void)problems("\"text\"", message);
    (void)problems("dialect", message);
    (void)problems("not cpu_permille", window);
    (void)problems("sum(cpu_permille over 3 windows)", window);
    (void)problems("count(sent over 3 windows)", message);
}

TEST(ConditionRefusal, BrokenSyntax) {
    for (const char* source : {"",
                               " ",
                               "(",
                               ")",
                               "()",
                               "sent and",
                               "and sent",
                               "sent or",
                               "sent sent",
                               "not",
                               "sent)",
                               "(sent",
                               "dialect =",
                               "= \"x\"",
                               "dialect = = \"x\"",
                               "dialect in",
                               "dialect in (\"a\"",
                               "dialect in (\"a\",)",
                               "dialect in (,)",
                               "exists",
                               "exists 5",
                               "exists (wallet)",
                               "dialect not = \"x\"",
                               "dialect not",
                               "dialect not not contains \"x\"",
                               "sent = true = true",
                               "remote_port < 1 < 2",
                               "remote_port + = 1",
                               "remote_port = +",
                               "remote_port = 1 +",
                               "dialect contains",
                               "sent xor sent",
                               "dialect == \"x\"",
                               "sent && sent",
                               "sent; sent",
                               "f(sent)",
                               "sum()",
                               "exists sent.x",
                               "true and",
                               "over",
                               "dialect in in (\"a\")"})
        EXPECT_FALSE(Condition::compile(source, message, {})) << source;
}

TEST(ConditionRefusal, TheEndIsReportedAtItsPosition) {
    EXPECT_EQ(problems("sent and", message).front().offset, 8U);
    EXPECT_EQ(problems("(sent", message).front().offset, 5U);
}

TEST(ConditionRefusal, AggregatesOverEvents) {
    expect_at("sum(remote_port over 3 windows) > 1", "sum", message, "event");
    expect_at("median(cpu_permille over 3 windows) > 1", "median", window, "sum");
    expect_at("sum(policy over 3 windows) > 1", "policy", window);
    (void)problems("sum(cpu_permille > 1 over 3 windows) > 1", window);
    (void)problems("count(cpu_permille over 3 windows) > 1", window);
    (void)problems("sum(cpu_permille) > 1", window);
    (void)problems("sum(cpu_permille over 3 windows", window);
}

TEST(ConditionRefusal, NestedAggregates) {
    expect_at("sum(max(cpu_permille over 2 windows) over 3 windows) > 1", "max", window);
    expect_at("count(min(cpu_permille over 2 windows) > 1 over 3 windows) > 1", "min", window);
}

TEST(ConditionRefusal, ProblemsAreInSourceOrder) {
    const auto errors = problems("zzzz > 1 and yyyy > 2 and cpu_permille > 3 and xxxx = 4", window);
    ASSERT_GE(errors.size(), 1U);
    for (std::size_t i = 1; i < errors.size(); ++i)
        EXPECT_LT(errors[i - 1].offset, errors[i].offset);
}

TEST(ConditionRefusal, MessagesHaveNoControlCharacters) {
    for (const char* source : {"dialect = \x1b", "dialect = \"\x1b[31m",
                               "dialect regex \"(\x1b[31m\"", "remote_address cidr \"\x1b[31m\""})
        for (const SyntaxError& error : problems(source, message))
            EXPECT_EQ(error.message.find('\x1b'), std::string::npos) << error.message;
}

RC_GTEST_PROP(ConditionRefusal, HandlesAnyTokens, ()) {
    static const std::vector<std::string> words{"sent",
                                                "dialect",
                                                "remote_port",
                                                "remote_address",
                                                "cpu_permille",
                                                "fp_modes",
                                                "policy",
                                                "and",
                                                "or",
                                                "not",
                                                "in",
                                                "exists",
                                                "contains",
                                                "glob",
                                                "regex",
                                                "cidr",
                                                "domain",
                                                "sum",
                                                "count",
                                                "over",
                                                "windows",
                                                "3",
                                                "-",
                                                "(",
                                                ")",
                                                ",",
                                                "=",
                                                "!=",
                                                "<",
                                                ">=",
                                                "+",
                                                "*",
                                                "\"x\"",
                                                "\"(\"",
                                                "\"10.0.0.0/8\"",
                                                "true",
                                                "false",
                                                "''",
                                                "$",
                                                "\""};
    std::string source;
    const int length = *rc::gen::inRange(0, 25);
    for (int i = 0; i < length; ++i) source += *rc::gen::elementOf(words) + " ";
    const auto on = *rc::gen::element(window, message);
    const auto condition = Condition::compile(source, on, {});
    if (condition) {
        const Observation nothing(on);
        const Observation* const span[] = {&nothing};
        (void)condition->evaluate(WindowSpan(span));
        RC_ASSERT(condition->nodes() <= maximum_nodes);
        return;
    }
    RC_ASSERT(!condition.error().empty());
    for (const SyntaxError& error : condition.error()) RC_ASSERT(error.offset <= source.size());
}

} // namespace
} // namespace minewarden::rules::conditions
