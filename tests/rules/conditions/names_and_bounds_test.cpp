// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/conditions.h"

#include <gtest/gtest.h>

/// Lists, macros and limits of conditions.
namespace minewarden::rules::conditions {
namespace {

using test::integer;
using test::observe;
using test::problems;
using test::shown;
using test::text;
using test::truth;
using enum Truth;
constexpr auto window = ObservationType::thread_window;
constexpr auto message = ObservationType::stratum_message;

Names names() {
    Names made;
    made.lists["dialects"] = {ValueType::text, {"monero", "bitcoin"}, {}};
    made.lists["ports"] = {ValueType::integer, {}, {3333, 4444}};
    made.lists["networks"] = {ValueType::text, {"10.0.0.0/8", "2001:db8::/32"}, {}};
    made.lists["broken"] = {ValueType::text, {"10.0.0.0/8", "("}, {}};
    made.macros.emplace("outgoing", *Condition::compile("sent and role = \"client\"", message, {}));
    made.macros.emplace("hot", *Condition::compile("cpu_permille >= 800", window, {}));
    made.macros.emplace("stays_hot",
                        *Condition::compile("min(cpu_permille over 3 windows) >= 800", window, {}));
    return made;
}

TEST(Lists, StandForTheirValues) {
    const Observation observation =
        observe(message, {{"dialect", text("monero")},
                          {"remote_port", integer(4444)},
                          {"remote_address", test::address("10.9.8.7")}});
    EXPECT_EQ(truth("dialect in dialects", observation, names()), yes);
    EXPECT_EQ(truth("dialect not in dialects", observation, names()), no);
    EXPECT_EQ(truth("remote_port in ports", observation, names()), yes);
    EXPECT_EQ(truth("dialect startswith dialects", observation, names()), yes);
    EXPECT_EQ(truth("remote_address cidr networks", observation, names()), yes);
    EXPECT_EQ(truth("dialect regex dialects", observation, names()), yes);
}

TEST(Lists, RefusesUnknownNamesAtTheirPosition) {
    const auto errors = problems("dialect in dialcts", message, names());
    ASSERT_FALSE(errors.empty());
    EXPECT_EQ(errors[0].offset, 11U);
    EXPECT_NE(errors[0].message.find("dialcts"), std::string::npos) << shown(errors);
}

TEST(Lists, RefusesAnotherType) {
    (void)problems("dialect in ports", message, names());
    (void)problems("remote_port in dialects", message, names());
    (void)problems("dialect contains ports", message, names());
}

TEST(Lists, RefusesInvalidPatterns) {
    (void)problems("dialect regex broken", message, names());
    (void)problems("remote_address cidr broken", message, names());
    (void)problems("remote_address cidr dialects", message, names());
}

TEST(Lists, CannotBeComparedAsValues) {
    (void)problems("dialect = dialects", message, names());
    (void)problems("dialects", message, names());
    (void)problems("remote_port in (ports)", message, names());
}

TEST(Macros, StandForTheirCondition) {
    const Observation observation = observe(message, {{"sent", true}, {"role", text("client")}});
    EXPECT_EQ(truth("outgoing", observation, names()), yes);
    EXPECT_EQ(truth("not outgoing", observation, names()), no);
    EXPECT_EQ(truth("outgoing and not (outgoing and not outgoing)", observation, names()), yes);
}

TEST(Macros, KeepTheirOwnPrecedence) {
    // The "or" of the macro must bind tighter than the "and" around it.
    Names made;
    made.macros.emplace("either", *Condition::compile("sent or remote_port = 1", message, {}));
    const Observation observation =
        observe(message, {{"sent", true}, {"remote_port", integer(1)}, {"role", text("server")}});
    EXPECT_EQ(truth("either and role = \"client\"", observation, made), no);
    EXPECT_EQ(truth("not either", observation, made), no);
}

TEST(Macros, RefusesAnotherType) {
    const auto errors = problems("sent and hot", message, names());
    ASSERT_FALSE(errors.empty());
    EXPECT_EQ(errors[0].offset, 9U);
    EXPECT_NE(errors[0].message.find("thread.window"), std::string::npos) << shown(errors);
}

TEST(Macros, RefusesUnknownNames) {
    const auto errors = problems("sent and outgoin", message, names());
    ASSERT_FALSE(errors.empty());
    EXPECT_EQ(errors[0].offset, 9U);
    EXPECT_NE(errors[0].message.find("outgoing"), std::string::npos) << shown(errors);
}

TEST(Macros, CannotNestAggregates) {
    EXPECT_TRUE(Condition::compile("stays_hot and hot", window, names()));
    EXPECT_TRUE(Condition::compile("count(hot over 3 windows) = 2", window, names()));
    EXPECT_FALSE(Condition::compile("count(stays_hot over 3 windows) = 2", window, names()));
}

TEST(Macros, CountTowardsWindowsAndNodes) {
    const auto condition = Condition::compile("stays_hot", window, names());
    ASSERT_TRUE(condition);
    EXPECT_EQ(condition->windows(), 3U);
    const auto twice = Condition::compile("stays_hot and stays_hot", window, names());
    ASSERT_TRUE(twice);
    EXPECT_GE(twice->nodes(), 2 * condition->nodes());
}

TEST(Macros, RefusesExponentialGrowth) {
    Names made;
    made.macros.emplace("m0", *Condition::compile("sent", message, {}));
    bool refused = false;
    for (int i = 1; i < 40 && !refused; ++i) {
        const std::string last = "m" + std::to_string(i - 1);
        auto next = Condition::compile(last + " and " + last, message, made);
        refused = !next;
        if (next) {
            EXPECT_LE(next->nodes(), maximum_nodes);
            made.macros.emplace("m" + std::to_string(i), *next);
        }
    }
    EXPECT_TRUE(refused);
}

TEST(ConditionBounds, LimitsDepth) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '(') + "sent" + std::string(depth, ')');
    };
    EXPECT_TRUE(Condition::compile(nested(maximum_depth - 2), message, {}));
    for (const std::size_t depth : {std::size_t{maximum_depth + 1}, std::size_t{100'000}})
        EXPECT_FALSE(Condition::compile(nested(depth), message, {})) << depth;
}

TEST(ConditionBounds, LimitsNegations) {
    const auto negated = [](int times) {
        std::string source;
        for (int i = 0; i < times; ++i) source += "not ";
        return source + "sent";
    };
    EXPECT_TRUE(Condition::compile(negated(20), message, {}));
    EXPECT_FALSE(Condition::compile(negated(100'000), message, {}));
}

TEST(ConditionBounds, RefusesUnclosedParentheses) {
    EXPECT_FALSE(Condition::compile(std::string(100'000, '('), message, {}));
    std::string aggregates;
    for (int i = 0; i < 50'000; ++i) aggregates += "count(";
    EXPECT_FALSE(Condition::compile(aggregates, window, {}));
}

TEST(ConditionBounds, LimitsTheNumberOfNodes) {
    const auto chain = [](int parts, const std::string& part, const std::string& between) {
        std::string source = part;
        for (int i = 1; i < parts; ++i) source += between + part;
        return source;
    };
    EXPECT_TRUE(Condition::compile(chain(100, "sent", " and "), message, {}));
    EXPECT_FALSE(Condition::compile(chain(1000, "sent", " and "), message, {}));
    EXPECT_FALSE(Condition::compile(chain(100'000, "sent", " or "), message, {}));
    EXPECT_FALSE(Condition::compile(chain(100'000, "1", " + ") + " = 1", message, {}));
    EXPECT_FALSE(Condition::compile(chain(100'000, "1", " * ") + " = 1", message, {}));
}

TEST(ConditionBounds, HandlesLongSets) {
    std::string source = "remote_port in (1";
    for (int i = 2; i < 20'000; ++i) source += ", " + std::to_string(i);
    (void)Condition::compile(source + ")", message, {});
}

} // namespace
} // namespace minewarden::rules::conditions
