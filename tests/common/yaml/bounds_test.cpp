// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/document.h"

#include <gtest/gtest.h>

/// Hostile files that try to exhaust memory, time or the stack.
namespace minewarden::yaml {
namespace {

bool is_accepted(std::string source) {
    return parse(std::move(source), "hostile.yaml").has_value();
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    text.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i) text += part;
    return text;
}

TEST(YamlBounds, ReadsAFileNearTheSizeLimit) {
    std::string source =
        "a: 1\n" + repeated("# comment that fills the file to its limit\n", 24'000);
    ASSERT_LT(source.size(), maximum_bytes);
    EXPECT_TRUE(is_accepted(std::move(source)));
}

TEST(YamlBounds, ReadsALineOfOneMegabyte) {
    const std::string value(maximum_bytes - 10, 'x');
    const auto document = parse("a: " + value + "\n", "long.yaml");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root.find("a")->scalar, value);
}

TEST(YamlBounds, ReadsAQuotedLineOfOneMegabyte) {
    const std::string value(maximum_bytes - 10, 'x');
    const auto document = parse("a: \"" + value + "\"\n", "long.yaml");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root.find("a")->scalar, value);
}

TEST(YamlBounds, HandlesAKeyOfOneMegabyte) {
    // YAML limits a simple key to 1024 characters.
    EXPECT_FALSE(is_accepted(std::string(maximum_bytes - 10, 'k') + ": 1\n"));
}

TEST(YamlBounds, RefusesLargerFiles) {
    EXPECT_FALSE(is_accepted("a: " + std::string(maximum_bytes, 'x') + "\n"));
    EXPECT_FALSE(is_accepted(repeated("# c\n", maximum_bytes / 4 + 1)));
}

TEST(YamlBounds, RefusesTenThousandOpenBrackets) {
    for (const char* part : {"[", "{", "{a: ", "[[", "- ", "? ", "a: [", "{? "}) {
        EXPECT_FALSE(is_accepted(repeated(part, 10'000))) << part;
        EXPECT_FALSE(is_accepted("a: " + repeated(part, 10'000))) << part;
    }
}

TEST(YamlBounds, RefusesAMegabyteOfOpenBrackets) {
    for (const char* part : {"[", "{", "- ", "? "})
        EXPECT_FALSE(is_accepted(repeated(part, maximum_bytes / 2 - 1))) << part;
}

TEST(YamlBounds, RefusesTenThousandClosedBrackets) {
    EXPECT_FALSE(is_accepted("a: " + std::string(10'000, '[') + std::string(10'000, ']') + "\n"));
    EXPECT_FALSE(
        is_accepted("a: " + repeated("{a: ", 10'000) + "1" + std::string(10'000, '}') + "\n"));
}

TEST(YamlBounds, RefusesDeepIndentation) {
    std::string source;
    for (std::size_t depth = 0; depth < 1000; ++depth) source += std::string(depth, ' ') + "a:\n";
    EXPECT_FALSE(is_accepted(std::move(source)));
}

TEST(YamlBounds, AcceptsTheMaximumDepth) {
    const auto nested = [](std::size_t depth) {
        return "a: " + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "\n";
    };
    EXPECT_TRUE(is_accepted(nested(maximum_depth - 1)));
    EXPECT_FALSE(is_accepted(nested(maximum_depth + 2)));
}

TEST(YamlBounds, LimitsTheNumberOfNodes) {
    const auto flat = [](std::size_t nodes) { return "a: [" + repeated("x,", nodes) + "x]\n"; };
    EXPECT_TRUE(is_accepted(flat(maximum_nodes / 2)));
    EXPECT_FALSE(is_accepted(flat(maximum_nodes + 1)));
}

TEST(YamlBounds, HandlesManyKeys) {
    std::string source;
    for (int i = 0; i < 40'000; ++i) source += "k" + std::to_string(i) + ": 1\n";
    EXPECT_TRUE(is_accepted(std::move(source)));
}

TEST(YamlBounds, RefusesRunsOfIndicators) {
    for (const char* part :
         {":\n", "a:\n", "|\n", "%YAML 1.2\n", "---\n", ",", "]", "}", "&a ", "*a ", "!t ", "?\n"})
        EXPECT_FALSE(is_accepted(repeated(part, 10'000))) << part;
}

TEST(YamlBounds, HandlesRunsOfQuotes) {
    for (const char* part : {"\"", "'", "#", "- -\n", "\\", "\"\\", "%\n"})
        EXPECT_NO_FATAL_FAILURE((void)is_accepted(repeated(part, 100'001))) << part;
}

} // namespace
} // namespace minewarden::yaml
