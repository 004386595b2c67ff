// SPDX-License-Identifier: Apache-2.0
#include "common/yaml/document.h"

#include <gtest/gtest.h>

namespace minewarden::yaml {
namespace {

Document parsed(std::string source) {
    auto document = parse(std::move(source), "test.yaml");
    EXPECT_TRUE(document) << (document ? "" : to_error(document.error()).message);
    return document ? *document : Document{};
}

/// The first problem of a source, which must be refused.
Diagnostic problem(std::string source) {
    const std::string beginning = source.substr(0, 60);
    const auto document = parse(std::move(source), "test.yaml");
    EXPECT_FALSE(document) << beginning;
    if (document || document.error().empty()) return {"", {0, 0}, "accepted"};
    EXPECT_EQ(document.error().front().file, "test.yaml");
    return document.error().front();
}

void expect_problem_at(std::string source, int line, int column) {
    const std::string beginning = source.substr(0, 60);
    const Diagnostic found = problem(std::move(source));
    EXPECT_EQ(found.mark.line, line) << beginning << "\n" << found.message;
    EXPECT_EQ(found.mark.column, column) << beginning << "\n" << found.message;
}

TEST(YamlDocument, ReadsMapsSequencesAndScalars) {
    const Document document = parsed("a: 1\nb:\n  - x\n  - {c: d}\n");
    ASSERT_EQ(document.root.kind, NodeKind::map);
    ASSERT_EQ(document.root.entries.size(), 2U);
    EXPECT_EQ(document.root.find("a")->scalar, "1");
    const Node* list = document.root.find("b");
    ASSERT_NE(list, nullptr);
    ASSERT_EQ(list->kind, NodeKind::sequence);
    ASSERT_EQ(list->items.size(), 2U);
    EXPECT_EQ(list->items[0].scalar, "x");
    EXPECT_EQ(list->items[1].find("c")->scalar, "d");
    EXPECT_EQ(document.root.find("z"), nullptr);
}

TEST(YamlDocument, KeepsTheOrderOfEntries) {
    const Document document = parsed("z: 1\na: 2\nm: 3\n");
    EXPECT_EQ(document.root.entries[0].key, "z");
    EXPECT_EQ(document.root.entries[1].key, "a");
    EXPECT_EQ(document.root.entries[2].key, "m");
}

TEST(YamlDocument, MarksCountFromOne) {
    const Document document = parsed("first: 1\nmap:\n  inner: two\n");
    EXPECT_EQ(document.root.entries[0].key_mark.line, 1);
    EXPECT_EQ(document.root.entries[0].key_mark.column, 1);
    EXPECT_EQ(document.root.find("first")->mark.column, 8);
    const Node* inner = document.root.find("map")->find("inner");
    EXPECT_EQ(inner->mark.line, 3);
    EXPECT_EQ(inner->mark.column, 10);
    EXPECT_EQ(document.root.find("map")->entries[0].key_mark.column, 3);
}

TEST(YamlDocument, MarksQuotedScalarsAsText) {
    const Document document = parsed("a: 1\nb: \"1\"\nc: '1'\nd: |\n  1\ne: >\n  1\n");
    EXPECT_FALSE(document.root.find("a")->quoted);
    for (const char* key : {"b", "c", "d", "e"})
        EXPECT_TRUE(document.root.find(key)->quoted) << key;
}

TEST(YamlDocument, AnEmptyFileIsAnEmptyMap) {
    for (const char* source :
         {"", "\n", "   \n\n", "# only a comment\n", "---\n", "\xef\xbb\xbf"}) {
        const Document document = parsed(source);
        EXPECT_EQ(document.root.kind, NodeKind::map) << source;
        EXPECT_TRUE(document.root.entries.empty()) << source;
    }
}

TEST(YamlDocument, AcceptsADocumentMarker) {
    EXPECT_EQ(parsed("---\na: 1\n").root.find("a")->scalar, "1");
    EXPECT_EQ(parsed("a: 1\n...\n").root.find("a")->scalar, "1");
}

TEST(YamlDocument, ReadsWindowsLineEndings) {
    const Document document = parsed("a: 1\r\nb:\r\n  c: two\r\n");
    EXPECT_EQ(document.root.find("a")->scalar, "1");
    EXPECT_EQ(document.root.find("b")->find("c")->scalar, "two");
    EXPECT_EQ(document.root.find("b")->find("c")->mark.line, 3);
}

TEST(YamlRefusal, RefusesDuplicateKeysAtTheSecondKey) {
    expect_problem_at("a: 1\nb: 2\na: 3\n", 3, 1);
    expect_problem_at("a: 1\n\"a\": 2\n", 2, 1);
    expect_problem_at("m:\n  x: 1\n  'x': 1\n", 3, 3);
    expect_problem_at("m: {x: 1, x: 2}\n", 1, 11);
}

TEST(YamlRefusal, AcceptsTheSameKeyInAnotherMap) {
    EXPECT_EQ(parsed("a: {x: 1}\nb: {x: 2}\nx: 3\n").root.entries.size(), 3U);
}

TEST(YamlRefusal, RefusesAnchorsAndAliases) {
    expect_problem_at("a: &name 1\n", 1, 4);
    EXPECT_NE(problem("a: &name {b: 1}\n").message, "accepted");
    EXPECT_NE(problem("- &x 1\n- *x\n").message, "accepted");
    EXPECT_NE(problem("&x a: 1\n").message, "accepted");
    EXPECT_NE(problem("base: {a: 1}\nother:\n  <<: *base\n").message, "accepted");
    EXPECT_NE(problem("a: *unknown\n").message, "accepted");
}

TEST(YamlRefusal, RefusesAnAliasBomb) {
    std::string source = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 20; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        source += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int k = 0; k < 9; ++k) source += "," + last;
        source += "]\n";
    }
    EXPECT_NE(problem(source).message, "accepted");
}

TEST(YamlRefusal, RefusesARecursiveAnchor) {
    EXPECT_NE(problem("a: &a [*a]\n").message, "accepted");
}

TEST(YamlRefusal, RefusesTags) {
    for (const char* source :
         {"a: !!str 5\n", "a: !mine 5\n", "a: !<tag:yaml.org,2002:int> 5\n", "a: !!map {b: 1}\n",
          "!!seq [1]\n", "a: !!python/object/apply:os.system [ls]\n", "a: !!binary aGk=\n",
          "!t key: 1\n"})
        EXPECT_NE(problem(source).message, "accepted") << source;
}

TEST(YamlRefusal, RefusesSeveralDocuments) {
    EXPECT_NE(problem("a: 1\n---\nb: 2\n").message, "accepted");
    EXPECT_NE(problem("a: 1\n...\n---\nb: 2\n").message, "accepted");
    EXPECT_NE(problem("---\na: 1\n---\na: 1\n").message, "accepted");
}

TEST(YamlRefusal, RefusesKeysThatAreNotText) {
    EXPECT_NE(problem("? [a, b]\n: 1\n").message, "accepted");
    EXPECT_NE(problem("? {a: b}\n: 1\n").message, "accepted");
    EXPECT_NE(problem("{[1]: 2}\n").message, "accepted");
}

TEST(YamlRefusal, RefusesInvalidSyntaxAtItsPosition) {
    EXPECT_EQ(problem("a: 1\nb: [1, 2\n").mark.line, 3);
    EXPECT_EQ(problem("a: 1\n  b: 2\n").mark.line, 2);
    EXPECT_EQ(problem("a: 1\n\tb: 2\n").mark.line, 2);
    EXPECT_NE(problem("a: 1\n}\n").message, "accepted");
}

TEST(YamlRefusal, RefusesAnUnclosedQuote) {
    for (const char* source : {"a: \"one\nb: 2\n", "a: 'one\nb: 2\n", "a: \"", "a: '", "\"a: 1\n"})
        EXPECT_NE(problem(source).message, "accepted") << source;
}

TEST(YamlRefusal, RefusesInvalidUtf8) {
    for (const char* bytes : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8", "\x80"})
        EXPECT_NE(problem(std::string("a: ") + bytes + "\n").message, "accepted");
    EXPECT_NE(problem("# \xff in a comment\na: 1\n").message, "accepted");
}

TEST(YamlRefusal, RefusesInvalidUtf8AtItsPosition) {
    EXPECT_EQ(problem("a: 1\nb: x\xffy\n").mark.line, 2);
    EXPECT_EQ(problem("a: 1\nb: x\xffy\n").mark.column, 5);
}

TEST(YamlRefusal, RefusesOtherUnicodeEncodings) {
    EXPECT_NE(problem(std::string("\xff\xfe"
                                  "a\0:\0 \0"
                                  "1\0\n\0",
                                  12))
                  .message,
              "accepted");
    EXPECT_NE(problem(std::string("\0a\0:\0 \0"
                                  "1\0\n",
                                  10))
                  .message,
              "accepted");
}

// YAML 1.2, 5.1: these are not printable characters.
TEST(YamlRefusal, RefusesControlCharacters) {
    for (const char byte : {'\0', '\x01', '\x1b', '\x7f'})
        EXPECT_NE(problem(std::string("a: x") + byte + "y\n").message, "accepted")
            << static_cast<int>(byte);
}

TEST(YamlDiagnostic, HasTheFormFileLineColumnMessage) {
    EXPECT_EQ(to_string(Diagnostic{"dir/x.yaml", {3, 14}, "what"}), "dir/x.yaml:3:14: what");
}

TEST(YamlDiagnostic, SeveralGiveOneConfigErrorWithALineEach) {
    const Error error = to_error({{"x", {1, 2}, "one"}, {"x", {3, 4}, "two"}});
    EXPECT_EQ(error.kind, ErrorKind::config);
    EXPECT_EQ(error.message, "x:1:2: one\nx:3:4: two");
}

} // namespace
} // namespace minewarden::yaml
