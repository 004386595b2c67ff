// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/conditions.h"

#include <gtest/gtest.h>

/// Precedence and the three truth values.
namespace minewarden::rules::conditions {
namespace {

using test::integer;
using test::text;
using test::truth;
using enum Truth;

/// An exec with three booleans. "deleted" is the only boolean field, so user_id = 1 and command =
/// "x" stand for the others. Each may be unknown.
Observation row(Truth a, Truth b, Truth c) {
    Observation observation(ObservationType::process_exec);
    if (a != unknown) observation.set(process_exec::deleted, a == yes);
    if (b != unknown) observation.set(process_exec::user_id, integer(b == yes ? 1 : 2));
    if (c != unknown) observation.set(process_exec::command, text(c == yes ? "x" : "y"));
    return observation;
}
const std::string a = "deleted";
const std::string b = "user_id = 1";
const std::string c = "command = \"x\"";

TEST(Condition, NotBindsTighterThanAnd) {
    EXPECT_EQ(truth("not deleted and user_id = 1", row(no, no, no)), no);
    EXPECT_EQ(truth("not (deleted and user_id = 1)", row(no, no, no)), yes);
}

TEST(Condition, AndBindsTighterThanOr) {
    EXPECT_EQ(truth(a + " or " + b + " and " + c, row(yes, no, no)), yes);
    EXPECT_EQ(truth("(" + a + " or " + b + ") and " + c, row(yes, no, no)), no);
    EXPECT_EQ(truth(a + " and " + b + " or " + c, row(no, no, yes)), yes);
    EXPECT_EQ(truth(a + " and (" + b + " or " + c + ")", row(no, no, yes)), no);
}

TEST(Condition, NotAppliesToAWholeComparison) {
    EXPECT_EQ(truth("not user_id = 1", row(no, yes, no)), no);
    EXPECT_EQ(truth("not not user_id = 1", row(no, yes, no)), yes);
    EXPECT_EQ(truth("not command = \"x\" and deleted", row(no, no, no)), no);
}

TEST(Condition, MultiplicationBindsTighterThanAddition) {
    const Observation observation = row(no, yes, no);
    EXPECT_EQ(truth("user_id + 2 * 3 = 7", observation), yes);
    EXPECT_EQ(truth("2 * 3 + user_id = 7", observation), yes);
    EXPECT_EQ(truth("10 - 3 - 2 = 5", observation), yes) << "from the left";
    EXPECT_EQ(truth("10 - 2 * 3 + user_id = 5", observation), yes);
}

TEST(Condition, ComparingAnAbsentValueIsUnknown) {
    const Observation nothing(ObservationType::process_exec);
    for (const char* source : {"deleted",
                               "not deleted",
                               "deleted = true",
                               "deleted != true",
                               "user_id = 1",
                               "user_id != 1",
                               "user_id < 1",
                               "user_id >= 1",
                               "command = \"x\"",
                               "command != \"x\"",
                               "command in (\"x\", \"y\")",
                               "command not in (\"x\", \"y\")",
                               "command contains \"x\"",
                               "command not contains \"x\"",
                               "command glob \"*\"",
                               "command regex \".*\"",
                               "user_id in (1)",
                               "user_id + 1 = 2",
                               "user_id * 0 = 0",
                               "user_id = user_id",
                               "user_id - user_id = 0"})
        EXPECT_EQ(truth(source, nothing), unknown) << source;
}

TEST(Condition, MatchingAnAbsentAddressIsUnknown) {
    const Observation nothing(ObservationType::stratum_message);
    EXPECT_EQ(truth("remote_address cidr \"0.0.0.0/0\"", nothing), unknown);
    EXPECT_EQ(truth("remote_address not cidr \"0.0.0.0/0\"", nothing), unknown);
}

TEST(Condition, ExistsIsNeverUnknown) {
    const Observation nothing(ObservationType::process_exec);
    EXPECT_EQ(truth("exists command", nothing), no);
    EXPECT_EQ(truth("not exists command", nothing), yes);
    EXPECT_EQ(truth("exists command", row(no, no, no)), yes);
    EXPECT_EQ(truth("exists deleted", row(no, no, no)), yes) << "false is a value";
}

TEST(Condition, NotFollowsKleene) {
    EXPECT_EQ(truth("not deleted", row(yes, no, no)), no);
    EXPECT_EQ(truth("not deleted", row(no, no, no)), yes);
    EXPECT_EQ(truth("not deleted", row(unknown, no, no)), unknown);
}

TEST(Condition, AndFollowsKleene) {
    const auto expected = [](Truth left, Truth right) {
        if (left == no || right == no) return no;
        return left == yes && right == yes ? yes : unknown;
    };
    for (const Truth left : {no, yes, unknown})
        for (const Truth right : {no, yes, unknown})
            EXPECT_EQ(truth(a + " and " + b, row(left, right, no)), expected(left, right));
}

TEST(Condition, OrFollowsKleene) {
    const auto expected = [](Truth left, Truth right) {
        if (left == yes || right == yes) return yes;
        return left == no && right == no ? no : unknown;
    };
    for (const Truth left : {no, yes, unknown})
        for (const Truth right : {no, yes, unknown})
            EXPECT_EQ(truth(a + " or " + b, row(left, right, no)), expected(left, right));
}

TEST(Condition, LongChainsFollowKleene) {
    EXPECT_EQ(truth(a + " and " + b + " and " + c, row(unknown, unknown, no)), no);
    EXPECT_EQ(truth(a + " or " + b + " or " + c, row(unknown, unknown, yes)), yes);
    EXPECT_EQ(truth(a + " or " + b + " or " + c, row(unknown, no, no)), unknown);
}

TEST(Condition, KeywordsAreLowerCase) {
    EXPECT_FALSE(Condition::compile("deleted AND deleted", ObservationType::process_exec, {}));
    EXPECT_FALSE(Condition::compile("NOT deleted", ObservationType::process_exec, {}));
}

TEST(Condition, ReportsItsTypeAndWindows) {
    const auto condition =
        Condition::compile("cpu_permille > 5 and sum(fp_samples over 7 windows) > 1 and "
                           "count(fp_modes > 0 over 3 windows) = 1",
                           ObservationType::thread_window, {});
    ASSERT_TRUE(condition);
    EXPECT_EQ(condition->on(), ObservationType::thread_window);
    EXPECT_EQ(condition->windows(), 7U);
    EXPECT_EQ(Condition::compile("deleted", ObservationType::process_exec, {})->windows(), 1U);
}

TEST(Condition, CanBeCopied) {
    auto condition = Condition::compile("user_id = 1", ObservationType::process_exec, {});
    ASSERT_TRUE(condition);
    const Condition copy = *condition;
    condition = Condition::compile("deleted", ObservationType::process_exec, {});
    const Observation observation = row(no, yes, no);
    const Observation* const span[] = {&observation};
    EXPECT_EQ(copy.evaluate(WindowSpan(span)), yes);
}

} // namespace
} // namespace minewarden::rules::conditions
