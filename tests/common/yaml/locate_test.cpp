// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/document.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Document::locate. Each scalar has one '@', so that its position in the source is obvious.
namespace minewarden::yaml {
namespace {

Mark place_of_at(std::string_view source) {
    Mark mark;
    for (const char c : source) {
        if (c == '@') return mark;
        if (c == '\n') {
            ++mark.line;
            mark.column = 1;
        } else {
            ++mark.column;
        }
    }
    return {0, 0};
}

void expect_located(const std::string& source) {
    const auto document = parse(source, "locate.yaml");
    ASSERT_TRUE(document) << source;
    const Node* scalar = document->root.find("key");
    ASSERT_NE(scalar, nullptr) << source;
    const std::size_t offset = scalar->scalar.find('@');
    ASSERT_NE(offset, std::string::npos) << source;
    const Mark located = document->locate(*scalar, offset);
    const Mark expected = place_of_at(source);
    EXPECT_EQ(located.line, expected.line) << source;
    EXPECT_EQ(located.column, expected.column) << source;
}

TEST(YamlLocate, PlainScalar) {
    expect_located("key: one @ two\n");
    expect_located("other: 1\nkey:    one @\n");
    expect_located("{other: 1, key: one @ two}\n");
}

TEST(YamlLocate, PlainScalarOverLines) {
    expect_located("key: one\n  two @ three\n");
    expect_located("key:\n  one\n    two\n  three@\n");
    expect_located("key: one\n\n\n  two @\n");
}

TEST(YamlLocate, DoubleQuotedScalar) {
    expect_located("key: \"@\"\n");
    expect_located("key: \"one @ two\"\n");
    expect_located("key: \"one\n  two @\"\n");
    expect_located("key: \"one\n\n  two @\"\n");
}

TEST(YamlLocate, DoubleQuotedScalarWithEscapes) {
    expect_located(R"(key: "a \"b\" @")");
    expect_located(R"(key: "\t\n\\ @")");
    expect_located(R"(key: "\x41\u00e9\U0001f600 @")");
    expect_located("key: \"one \\\n  two @\"\n");
    expect_located("key: \"one\\\n  \\ two @\"\n");
}

TEST(YamlLocate, SingleQuotedScalar) {
    expect_located("key: 'one @'\n");
    expect_located("key: 'it''s one @'\n");
    expect_located("key: 'one\n  two ''x'' @'\n");
}

TEST(YamlLocate, LiteralScalar) {
    expect_located("key: |\n  one @\n");
    expect_located("key: |\n  one\n  two @\n");
    expect_located("key: |\n  one\n    deeper @\n");
    expect_located("key: |\n  one\n\n\n  two @\n");
    expect_located("key: |-\n  one\n  @\n");
    expect_located("key: |2\n    one\n  two @\n");
    expect_located("key: | # a comment\n  one\n  two @\n");
}

TEST(YamlLocate, FoldedScalar) {
    expect_located("key: >\n  one @ two\n");
    expect_located("key: >\n  one\n  two @\n");
    expect_located("key: >\n  one\n\n  two @\n");
    expect_located("key: >\n  one\n    deeper @\n  three\n");
    expect_located("key: >\n  one\n    deeper\n  three @\n");
    expect_located("key: >-\n  one\n  two\n  three@\n");
    expect_located("key: >\n\n  one\n  two @\n");
}

TEST(YamlLocate, WindowsLineEndings) {
    expect_located("key: >\r\n  one\r\n  two @\r\n");
    expect_located("key: |\r\n  one\r\n  two @\r\n");
    expect_located("key: \"one\r\n  two @\"\r\n");
}

TEST(YamlLocate, AfterCommentsAndOtherKeys) {
    expect_located("# key: one is not here\nother: >\n  x\nkey: >\n  one\n  two @\n"
                   "last: 1\n");
}

TEST(YamlLocate, BlockScalarInsideASequence) {
    const auto document = parse("a: # x\n  - k: >\n      one\n      two three\n", "x");
    ASSERT_TRUE(document);
    const Node* scalar = document->root.find("a")->items[0].find("k");
    const Mark mark = document->locate(*scalar, scalar->scalar.find("three"));
    EXPECT_EQ(mark.line, 4);
    EXPECT_EQ(mark.column, 11);
}

TEST(YamlLocate, TheStartOfAPlainScalarIsItsMark) {
    for (const char* source :
         {"key: one\n", "\u952e: 1\nkey: one\n", "{\u952e: \u4e2d\u6587, key: one}\n"}) {
        const auto document = parse(source, "x");
        ASSERT_TRUE(document) << source;
        const Node* scalar = document->root.find("key");
        const Mark mark = document->locate(*scalar, 0);
        EXPECT_EQ(mark.line, scalar->mark.line) << source;
        EXPECT_EQ(mark.column, scalar->mark.column) << source;
    }
}

TEST(YamlLocate, PositionsPastTheEndStayInTheFile) {
    const std::string source = "key: >\n  one\n  two\n";
    const auto document = parse(source, "x");
    ASSERT_TRUE(document);
    const Node* scalar = document->root.find("key");
    for (const std::size_t offset : {scalar->scalar.size(), scalar->scalar.size() + 100}) {
        const Mark mark = document->locate(*scalar, offset);
        EXPECT_GE(mark.line, 1);
        EXPECT_LE(mark.line, 4);
        EXPECT_GE(mark.column, 1);
    }
}

/// A source with a scalar of several words, one with the '@', in a random style over several lines.
std::string any_source() {
    const int words = *rc::gen::inRange(1, 12);
    const int marked = *rc::gen::inRange(0, words);
    const std::string style = *rc::gen::element<std::string>("", "\"", "'", ">", "|", ">-", "|+");
    const bool is_block = style.front() == '>' || style.front() == '|';
    const std::string quote = is_block ? "" : style;
    const std::string indent(*rc::gen::inRange<std::size_t>(1, 6), ' ');
    std::string source = "before: x\nkey: " + style + (is_block ? "\n" + indent : "");
    for (int i = 0; i < words; ++i) {
        if (i > 0) {
            const int gap = *rc::gen::inRange(0, 6);
            if (gap == 0)
                source += "\n" + indent;
            else if (gap == 1)
                source += "\n\n" + indent;
            else if (gap == 2 && is_block)
                source += "\n" + indent + "  ";
            else
                source += " ";
        }
        source += *rc::gen::element<std::string>("w", "word", "x=1", "longer-word");
        if (i == marked) source += "@";
    }
    return source + quote + "\nafter: y\n";
}

RC_GTEST_PROP(YamlLocate, FindsTheMarkInAnyStyle, ()) {
    const std::string source = any_source();
    RC_LOG(source);
    const auto document = parse(source, "x");
    RC_ASSERT(document.has_value());
    const Node* scalar = document->root.find("key");
    RC_ASSERT(scalar != nullptr);
    const Mark located = document->locate(*scalar, scalar->scalar.find('@'));
    const Mark expected = place_of_at(source);
    RC_ASSERT(located.line == expected.line);
    RC_ASSERT(located.column == expected.column);
}

} // namespace
} // namespace minewarden::yaml
