// SPDX-License-Identifier: Apache-2.0
#include "rules/conditions/lexer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace minewarden::rules::conditions {
namespace {

std::vector<Token> tokens_of(std::string_view source) {
    std::vector<SyntaxError> errors;
    auto tokens = tokenize(source, errors);
    EXPECT_TRUE(errors.empty()) << source << ": " << (errors.empty() ? "" : errors[0].message);
    return tokens;
}

/// The first problem of an invalid source.
SyntaxError problem(std::string_view source) {
    std::vector<SyntaxError> errors;
    const auto tokens = tokenize(source, errors);
    EXPECT_FALSE(errors.empty()) << source;
    EXPECT_FALSE(tokens.empty());
    EXPECT_TRUE(!tokens.empty() && tokens.back().kind == TokenKind::end);
    return errors.empty() ? SyntaxError{SIZE_MAX, ""} : errors.front();
}

TEST(Lexer, TheLastTokenIsTheEnd) {
    const auto tokens = tokens_of("  \n\t ");
    ASSERT_EQ(tokens.size(), 1U);
    EXPECT_EQ(tokens[0].kind, TokenKind::end);
}

TEST(Lexer, WordsMayHaveDotsAndDigits) {
    const auto tokens = tokens_of("fp_samples a.b2 _x AND");
    ASSERT_EQ(tokens.size(), 5U);
    EXPECT_EQ(tokens[0].value, "fp_samples");
    EXPECT_EQ(tokens[1].value, "a.b2");
    EXPECT_EQ(tokens[2].value, "_x");
    EXPECT_EQ(tokens[3].value, "AND");
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(tokens[static_cast<std::size_t>(i)].kind, TokenKind::word);
}

TEST(Lexer, IntegersHave63Bits) {
    const auto tokens = tokens_of("0 42 9223372036854775807");
    EXPECT_EQ(tokens[1].kind, TokenKind::integer);
    EXPECT_EQ(tokens[1].integer, 42);
    EXPECT_EQ(tokens[2].integer, std::numeric_limits<std::int64_t>::max());
}

TEST(Lexer, RefusesLargerIntegers) {
    EXPECT_EQ(problem("1 99999999999999999999").offset, 2U);
    EXPECT_EQ(problem(std::string(100'000, '9')).offset, 0U);
}

TEST(Lexer, DecodesEscapesInTexts) {
    const auto tokens = tokens_of(R"("a\"b" 'c\'d' "\\\n\t" 'x"y' "x'y" "")");
    ASSERT_EQ(tokens.size(), 7U);
    EXPECT_EQ(tokens[0].value, "a\"b");
    EXPECT_EQ(tokens[1].value, "c'd");
    EXPECT_EQ(tokens[2].value, "\\\n\t");
    EXPECT_EQ(tokens[3].value, "x\"y");
    EXPECT_EQ(tokens[4].value, "x'y");
    EXPECT_EQ(tokens[5].value, "");
    for (int i = 0; i < 6; ++i)
        EXPECT_EQ(tokens[static_cast<std::size_t>(i)].kind, TokenKind::text);
}

TEST(Lexer, RefusesUnknownEscapes) {
    (void)problem(R"("a\qb")");
    (void)problem(R"("a\x41")");
    (void)problem("\"a\\");
}

TEST(Lexer, RefusesUnclosedTextsAtTheirStart) {
    EXPECT_EQ(problem("x = \"abc").offset, 4U);
    EXPECT_EQ(problem("x = 'abc\"").offset, 4U);
}

TEST(Lexer, TakesTheLongestSymbol) {
    const auto tokens = tokens_of("( ) , = != < <= > >= + - * <==");
    std::vector<std::string> symbols;
    for (const Token& token : tokens)
        if (token.kind == TokenKind::symbol) symbols.push_back(token.value);
    EXPECT_EQ(symbols, (std::vector<std::string>{"(", ")", ",", "=", "!=", "<", "<=", ">",
                                                 ">=", "+", "-", "*", "<=", "="}));
}

TEST(Lexer, OffsetsReferToTheSource) {
    const auto tokens = tokens_of("  cpu >=\n 150 \"x\"");
    EXPECT_EQ(tokens[0].offset, 2U);
    EXPECT_EQ(tokens[1].offset, 6U);
    EXPECT_EQ(tokens[2].offset, 10U);
    EXPECT_EQ(tokens[3].offset, 14U);
    EXPECT_EQ(tokens[4].offset, 17U);
}

TEST(Lexer, RefusesOtherCharactersAtTheirPosition) {
    for (const char* source : {"a $ b", "a & b", "a ! b", "a / b", "a % b", "a ; b", "a { b",
                               "a | b", "a \x01 b", "a \xe4\xb8\xad b", "a \xff b", "a # b"})
        EXPECT_EQ(problem(source).offset, 2U) << source;
    EXPECT_EQ(problem(std::string_view("a \0 b", 5)).offset, 2U);
}

TEST(Lexer, ANumberAndAWordAreNotOneToken) {
    std::vector<SyntaxError> errors;
    const auto tokens = tokenize("10x", errors);
    EXPECT_TRUE(!errors.empty() || tokens.size() == 3U) << "must not be one token";
}

RC_GTEST_PROP(Lexer, AnyBytesGiveTokensInOrder, (const std::string& source)) {
    std::vector<SyntaxError> errors;
    const auto tokens = tokenize(source, errors);
    RC_ASSERT(!tokens.empty());
    RC_ASSERT(tokens.back().kind == TokenKind::end);
    for (std::size_t i = 1; i < tokens.size(); ++i)
        RC_ASSERT(tokens[i - 1].offset <= tokens[i].offset);
    RC_ASSERT(tokens.back().offset <= source.size());
    for (const SyntaxError& error : errors) RC_ASSERT(error.offset <= source.size());
}

} // namespace
} // namespace minewarden::rules::conditions
