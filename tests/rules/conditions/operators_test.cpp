// SPDX-License-Identifier: Apache-2.0
#include "rules/conditions/nodes.h"
#include "tests/rules/support/conditions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace minewarden::rules::conditions {
namespace {

using test::address;
using test::integer;
using test::observe;
using test::text;
using test::truth;
using enum Truth;

Truth of_command(const std::string& condition, std::string_view command) {
    return truth(condition, observe(ObservationType::process_exec, {{"command", text(command)}}));
}
Truth of_number(const std::string& condition, std::int64_t number) {
    return truth(condition, observe(ObservationType::process_exec, {{"user_id", integer(number)}}));
}
Truth of_address(const std::string& condition, std::string_view remote) {
    return truth(condition,
                 observe(ObservationType::stratum_message, {{"remote_address", address(remote)}}));
}

TEST(Operators, IntegersCompare) {
    EXPECT_EQ(of_number("user_id = 5", 5), yes);
    EXPECT_EQ(of_number("user_id != 5", 5), no);
    EXPECT_EQ(of_number("user_id < 5", 5), no);
    EXPECT_EQ(of_number("user_id <= 5", 5), yes);
    EXPECT_EQ(of_number("user_id > 5", 5), no);
    EXPECT_EQ(of_number("user_id >= 5", 5), yes);
    EXPECT_EQ(of_number("user_id > -5", -4), yes);
    EXPECT_EQ(of_number("5 < user_id", 6), yes);
    EXPECT_EQ(of_number("user_id = -9223372036854775807", -9223372036854775807), yes);
}

TEST(Operators, BooleansCompare) {
    const Observation observation = observe(ObservationType::process_exec, {{"deleted", true}});
    EXPECT_EQ(truth("deleted = true", observation), yes);
    EXPECT_EQ(truth("deleted != true", observation), no);
    EXPECT_EQ(truth("deleted = false", observation), no);
    EXPECT_EQ(truth("deleted", observation), yes);
}

TEST(Operators, TextsCompareExactly) {
    EXPECT_EQ(of_command("command = \"xmrig\"", "xmrig"), yes);
    EXPECT_EQ(of_command("command = \"xmrig\"", "xmrig2"), no);
    EXPECT_EQ(of_command("command = \"xmrig\"", "XMRig"), no);
    EXPECT_EQ(of_command("command != \"xmrig\"", "other"), yes);
    EXPECT_EQ(of_command("command = ''", ""), yes);
    EXPECT_EQ(of_command("command = \"中\"", "中"), yes);
    EXPECT_EQ(of_command("command = parent_command", "x"), unknown);
}

TEST(Operators, SearchTexts) {
    EXPECT_EQ(of_command("command contains \"mri\"", "xmrig"), yes);
    EXPECT_EQ(of_command("command contains \"mrx\"", "xmrig"), no);
    EXPECT_EQ(of_command("command startswith \"xm\"", "xmrig"), yes);
    EXPECT_EQ(of_command("command startswith \"mr\"", "xmrig"), no);
    EXPECT_EQ(of_command("command startswith \"xmrig-long\"", "xmrig"), no);
    EXPECT_EQ(of_command("command endswith \"ig\"", "xmrig"), yes);
    EXPECT_EQ(of_command("command endswith \"xm\"", "xmrig"), no);
    EXPECT_EQ(of_command("command not contains \"mri\"", "xmrig"), no);
    EXPECT_EQ(of_command("command not startswith \"mr\"", "xmrig"), yes);
}

TEST(Operators, AcceptSetsOfPatterns) {
    EXPECT_EQ(of_command("command contains (\"aa\", \"ri\")", "xmrig"), yes);
    EXPECT_EQ(of_command("command startswith (\"aa\", \"bb\")", "xmrig"), no);
    EXPECT_EQ(of_command("command glob (\"aa*\", \"x?rig\")", "xmrig"), yes);
    EXPECT_EQ(of_command("command regex (\"^aa\", \"g$\")", "xmrig"), yes);
    EXPECT_EQ(of_command("command not endswith (\"aa\", \"rig\")", "xmrig"), no);
}

TEST(Operators, InTestsForAnEqualValue) {
    EXPECT_EQ(of_command("command in (\"a\", \"xmrig\")", "xmrig"), yes);
    EXPECT_EQ(of_command("command in (\"a\", \"xm\")", "xmrig"), no);
    EXPECT_EQ(of_command("command not in (\"a\")", "xmrig"), yes);
    EXPECT_EQ(of_number("user_id in (0, 7, 9)", 7), yes);
    EXPECT_EQ(of_number("user_id in (0, 7)", -7), no);
    EXPECT_EQ(of_number("user_id in (7)", 7), yes);
    EXPECT_EQ(of_number("user_id + 1 in (0, 8)", 7), yes);
}

// The field nice, for example, is -20 to 19.
TEST(Operators, InTakesNegativeNumbers) {
    EXPECT_EQ(of_number("user_id in (0, -7, 9)", -7), yes);
}

TEST(Operators, RegexSearchesAnywhere) {
    EXPECT_EQ(of_command("command regex \"m.i\"", "xmrig"), yes);
    EXPECT_EQ(of_command("command regex \"^m\"", "xmrig"), no);
    EXPECT_EQ(of_command("command regex \"^[a-z]+$\"", "xmrig"), yes);
    EXPECT_EQ(of_command("command regex \"(?i)XMR\"", "xmrig"), yes);
    EXPECT_EQ(of_command("command regex '^\\\\d+$'", "123"), yes);
    EXPECT_EQ(of_command("command not regex \"z\"", "xmrig"), yes);
}

TEST(Operators, RegexTimeIsLinear) {
    const std::string hostile = std::string(50'000, 'a') + "!";
    for (const char* pattern : {"(a+)+$", "(a|aa)+$", "(.*a){20}$", "^(a*)*b"})
        EXPECT_EQ(of_command("command regex \"" + std::string(pattern) + "\"", hostile), no)
            << pattern;
}

TEST(Operators, RegexAcceptsBytesThatAreNotText) {
    EXPECT_NE(of_command("command regex \"a\"", "\xff\xfe a"), unknown);
    EXPECT_EQ(of_command("command regex \"^a\"", std::string_view("a\0b", 3)), yes);
}

TEST(Operators, CidrMatchesBothFamilies) {
    EXPECT_EQ(of_address("remote_address cidr \"10.0.0.0/8\"", "10.1.2.3"), yes);
    EXPECT_EQ(of_address("remote_address cidr \"10.0.0.0/8\"", "11.1.2.3"), no);
    EXPECT_EQ(of_address("remote_address cidr \"10.0.0.0/8\"", "::ffff:10.1.2.3"), yes);
    EXPECT_EQ(of_address("remote_address cidr (\"10.0.0.0/8\", \"2001:db8::/32\")", "2001:db8::1"),
              yes);
    EXPECT_EQ(of_address("remote_address cidr \"192.0.2.1\"", "192.0.2.1"), yes);
    EXPECT_EQ(of_address("remote_address not cidr \"10.0.0.0/8\"", "11.1.2.3"), yes);
    EXPECT_EQ(of_address("remote_address cidr \"0.0.0.0/0\"", "2001:db8::1"), no);
}

TEST(Operators, ArithmeticSaturates) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(of_number("user_id + 1 = 9223372036854775807", most), yes);
    EXPECT_EQ(of_number("user_id + user_id = 9223372036854775807", most), yes);
    EXPECT_EQ(of_number("user_id - 1 < -9223372036854775807", least), yes);
    EXPECT_EQ(of_number("user_id * 2 = 9223372036854775807", most), yes);
    EXPECT_EQ(of_number("user_id * 2 < -9223372036854775807", least), yes);
    EXPECT_EQ(of_number("user_id * -1 = 9223372036854775807", least), yes);
    EXPECT_EQ(of_number("user_id * user_id = 9223372036854775807", least), yes);
    EXPECT_EQ(of_number("0 - user_id = 9223372036854775807", least), yes);
    EXPECT_EQ(of_number("user_id * 0 = 0", least), yes);
    EXPECT_EQ(of_number("-1 * user_id = -9223372036854775807", most), yes);
}

__extension__ using Wide = __int128;

RC_GTEST_PROP(Operators, ArithmeticMatchesLargerIntegers, (std::int64_t left, std::int64_t right)) {
    const auto clamped = [](Wide value) {
        constexpr Wide most = std::numeric_limits<std::int64_t>::max();
        constexpr Wide least = std::numeric_limits<std::int64_t>::min();
        return static_cast<std::int64_t>(value > most ? most : value < least ? least : value);
    };
    const auto operand = [](std::int64_t value) {
        return std::make_shared<LiteralOperand>(Value(value));
    };
    const auto result = [&](Arithmetic operation) {
        return std::get<std::int64_t>(
            ArithmeticOperand(operation, operand(left), operand(right)).evaluate(WindowSpan({})));
    };
    const Wide wide_left = left;
    const Wide wide_right = right;
    RC_ASSERT(result(Arithmetic::add) == clamped(wide_left + wide_right));
    RC_ASSERT(result(Arithmetic::subtract) == clamped(wide_left - wide_right));
    RC_ASSERT(result(Arithmetic::multiply) == clamped(wide_left * wide_right));
}

} // namespace
} // namespace minewarden::rules::conditions
