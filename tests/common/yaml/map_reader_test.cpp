// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/map_reader.h"

#include <gtest/gtest.h>

#include <limits>

namespace minewarden::yaml {
namespace {

class MapReaderTest : public ::testing::Test {
  protected:
    MapReader& reader(std::string source) {
        auto parsed = parse(std::move(source), "pack.yaml");
        EXPECT_TRUE(parsed) << (parsed ? "" : to_error(parsed.error()).message);
        if (parsed) document_ = std::move(*parsed);
        reader_.emplace(document_, document_.root, diagnostics_);
        return *reader_;
    }
    [[nodiscard]] std::vector<std::string> problems() const {
        std::vector<std::string> shown;
        for (const Diagnostic& diagnostic : diagnostics_) shown.push_back(to_string(diagnostic));
        return shown;
    }
    /// Expects exactly one problem, which begins with "pack.yaml:line:column: ".
    void expect_problem(const std::string& place, const std::string& part) const {
        ASSERT_EQ(diagnostics_.size(), 1U) << to_error(diagnostics_).message;
        const std::string shown = to_string(diagnostics_.front());
        EXPECT_EQ(shown.rfind("pack.yaml:" + place + ": ", 0), 0U) << shown;
        EXPECT_NE(shown.find(part), std::string::npos) << shown;
    }

    Document document_;
    Diagnostics diagnostics_;
    std::optional<MapReader> reader_;
};

TEST_F(MapReaderTest, AcceptsValidInput) {
    MapReader& map = reader("t: text\ni: -7\nl: [a, b]\none: c\nx: {en: hello, zh: 你好}\n");
    EXPECT_EQ(map.text("t", true), "text");
    EXPECT_EQ(map.integer("i", true, -10, 10), -7);
    EXPECT_EQ(map.texts("l", true), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(map.texts("one", true), std::vector<std::string>{"c"});
    EXPECT_EQ(map.localized("x", true), (LocalizedText{"hello", "你好"}));
    map.finish();
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(MapReaderTest, AcceptsMissingOptionalKeys) {
    MapReader& map = reader("a: 1\n");
    EXPECT_EQ(map.optional("b"), nullptr);
    EXPECT_EQ(map.text("c", false), std::nullopt);
    EXPECT_EQ(map.integer("d", false, 0, 1), std::nullopt);
    EXPECT_TRUE(map.texts("e", false).empty());
    EXPECT_EQ(map.localized("f", false), std::nullopt);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(MapReaderTest, ReportsMissingRequiredKeys) {
    MapReader& map = reader("a: 1\n");
    EXPECT_EQ(map.required("needed"), nullptr);
    expect_problem("1:1", "needed");
}

TEST_F(MapReaderTest, ReportsEveryMissingKey) {
    MapReader& map = reader("a: 1\n");
    EXPECT_EQ(map.text("b", true), std::nullopt);
    EXPECT_EQ(map.integer("c", true, 0, 1), std::nullopt);
    EXPECT_TRUE(map.texts("d", true).empty());
    EXPECT_EQ(map.localized("e", true), std::nullopt);
    EXPECT_EQ(problems().size(), 4U);
}

TEST_F(MapReaderTest, ReportsAnUnknownKeyAtItsPosition) {
    MapReader& map = reader("a: 1\nother: 2\n");
    (void)map.optional("a");
    map.finish();
    expect_problem("2:1", "other");
}

TEST_F(MapReaderTest, SuggestsTheClosestKey) {
    MapReader& map = reader("conditon: x\n");
    (void)map.optional("condition");
    (void)map.optional("family");
    map.finish();
    expect_problem("1:1", "did you mean \"condition\"?");
}

TEST_F(MapReaderTest, SuggestsNothingForADistantKey) {
    MapReader& map = reader("zzzzzz: x\n");
    (void)map.optional("condition");
    map.finish();
    ASSERT_EQ(problems().size(), 1U);
    EXPECT_EQ(problems()[0].find("did you mean"), std::string::npos);
}

TEST_F(MapReaderTest, EscapesControlCharactersOfAnUnknownKey) {
    MapReader& map = reader("\"a\\e[31m\\u202e\": x\n");
    map.finish();
    ASSERT_EQ(problems().size(), 1U);
    EXPECT_EQ(problems()[0].find('\x1b'), std::string::npos);
    EXPECT_EQ(problems()[0].find("\u202e"), std::string::npos);
}

TEST_F(MapReaderTest, ReportsANodeThatIsNotAMap) {
    (void)reader("- a\n- b\n");
    expect_problem("1:1", "");
}

TEST_F(MapReaderTest, RefusesAMapOrASequenceAsText) {
    MapReader& map = reader("a: x\nb: [1]\n");
    EXPECT_EQ(map.text("b", true), std::nullopt);
    expect_problem("2:4", "b");
}

TEST_F(MapReaderTest, RefusesMapsInTexts) {
    MapReader& map = reader("l: [a, {b: c}]\n");
    (void)map.texts("l", true);
    expect_problem("1:4", "list");
}

TEST_F(MapReaderTest, ChecksTheRangeOfIntegers) {
    MapReader& map = reader("a: 11\n");
    EXPECT_EQ(map.integer("a", true, -10, 10), std::nullopt);
    expect_problem("1:4", "10");
}

TEST_F(MapReaderTest, AcceptsTheLimitsOfARange) {
    MapReader& map = reader("a: -10\nb: 10\n");
    EXPECT_EQ(map.integer("a", true, -10, 10), -10);
    EXPECT_EQ(map.integer("b", true, -10, 10), 10);
    EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(MapReaderTest, RefusesWordsAsIntegers) {
    MapReader& map = reader("a: many\n");
    EXPECT_EQ(map.integer("a", true, -10, 10), std::nullopt);
    expect_problem("1:4", "a");
}

TEST_F(MapReaderTest, RequiresBothLanguages) {
    MapReader& map = reader("a: 1\nx:\n  en: only\n");
    EXPECT_EQ(map.localized("x", true), std::nullopt);
    expect_problem("3:3", "zh");
}

TEST_F(MapReaderTest, RefusesOtherLanguages) {
    MapReader& map = reader("x: {en: a, zh: b, de: c}\n");
    (void)map.localized("x", true);
    expect_problem("1:19", "de");
}

TEST_F(MapReaderTest, RefusesPlainTextInsteadOfLocalizedText) {
    MapReader& map = reader("x: hello\n");
    EXPECT_EQ(map.localized("x", true), std::nullopt);
    expect_problem("1:4", "");
}

TEST_F(MapReaderTest, KeepsReportsOfTheCaller) {
    reader("a: 1\n").report({7, 9}, "mine");
    EXPECT_EQ(problems(), std::vector<std::string>{"pack.yaml:7:9: mine"});
}

Node scalar(std::string text, bool quoted = false) {
    Node node;
    node.scalar = std::move(text);
    node.quoted = quoted;
    return node;
}

TEST(YamlInteger, ReadsPlainDecimals) {
    EXPECT_EQ(to_integer(scalar("0")), 0);
    EXPECT_EQ(to_integer(scalar("-5")), -5);
    EXPECT_EQ(to_integer(scalar("9223372036854775807")), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(to_integer(scalar("-9223372036854775808")), std::numeric_limits<std::int64_t>::min());
}

TEST(YamlInteger, RefusesNumbersWithLeadingZeros) {
    for (const char* text : {"010", "00", "0777", "-010", "0o10", "08"})
        EXPECT_EQ(to_integer(scalar(text)), std::nullopt) << text;
}

TEST(YamlInteger, RefusesEverythingElse) {
    for (const char* text :
         {"", "-", "+5", "--5", "0x10", "1_000", "1,000", "1e3", "1.0", " 5", "5 ", "5x", "1:30",
          "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "true", "~"})
        EXPECT_EQ(to_integer(scalar(text)), std::nullopt) << text;
}

TEST(YamlInteger, QuotedNumbersAreText) {
    EXPECT_EQ(to_integer(scalar("5", true)), std::nullopt);
}

TEST(YamlInteger, RefusesOtherNodes) {
    Node node = scalar("5");
    node.kind = NodeKind::sequence;
    EXPECT_EQ(to_integer(node), std::nullopt);
}

} // namespace
} // namespace minewarden::yaml
