// SPDX-License-Identifier: Apache-2.0
#include "rules/recognise/json_line.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace minewarden::rules {
namespace {

using Kind = JsonLine::Kind;

bool is_json(std::string_view text) {
    return JsonLine::parse(text).has_value();
}

TEST(JsonLine, FlattensAnObject) {
    const auto line = JsonLine::parse(
        R"({"id":1,"method":"login","params":{"login":"x","algo":["rx/0","cn/r"]},"n":null,"b":true})");
    ASSERT_TRUE(line);
    ASSERT_NE(line->text("method"), nullptr);
    EXPECT_EQ(*line->text("method"), "login");
    EXPECT_EQ(*line->text("params.login"), "x");
    EXPECT_EQ(*line->text("params.algo[1]"), "cn/r");
    EXPECT_TRUE(line->has("id", Kind::number));
    EXPECT_TRUE(line->has("params", Kind::object));
    EXPECT_TRUE(line->has("params.algo", Kind::array));
    EXPECT_TRUE(line->has("n", Kind::null));
    EXPECT_TRUE(line->has("b", Kind::boolean));
    EXPECT_EQ(line->find("params")->size, 2U);
    EXPECT_EQ(line->find("params.algo")->size, 2U);
}

TEST(JsonLine, NestedArraysHavePaths) {
    const auto line = JsonLine::parse(R"({"r":[[["a","b"],["c"]],"d",{"e":"f"}]})");
    ASSERT_TRUE(line);
    EXPECT_EQ(*line->text("r[0][0][1]"), "b");
    EXPECT_EQ(*line->text("r[0][1][0]"), "c");
    EXPECT_EQ(*line->text("r[1]"), "d");
    EXPECT_EQ(*line->text("r[2].e"), "f");
    EXPECT_EQ(line->find("r")->size, 3U);
    EXPECT_EQ(line->find("r[0]")->size, 2U);
}

TEST(JsonLine, DoesNotFindMissingPaths) {
    const auto line = JsonLine::parse(R"({"a":1})");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->find("b"), nullptr);
    EXPECT_EQ(line->text("a"), nullptr) << "a number is not a text";
    EXPECT_FALSE(line->has("a", Kind::text));
    EXPECT_EQ(line->find("a.b"), nullptr);
    EXPECT_EQ(line->find("A"), nullptr);
}

TEST(JsonLine, DecodesEscapesInKeysAndTexts) {
    const auto line =
        JsonLine::parse(R"({"\u006dethod":"l\u006fgin\n\"\/\\","\u4e2d":"\ud83d\ude00"})");
    ASSERT_TRUE(line);
    EXPECT_EQ(*line->text("method"), "login\n\"/\\");
    EXPECT_EQ(*line->text("\u4e2d"), "\U0001f600");
}

TEST(JsonLine, IgnoresWhiteSpace) {
    for (const char* text : {"{}", " { } ", "\t{\r\n \"a\" :\t1 }\r\n", "{\"a\":1}\r"})
        EXPECT_TRUE(is_json(text)) << text;
}

TEST(JsonLine, KeysCannotImitatePaths) {
    const auto dotted = JsonLine::parse(R"({"params.login":"x","params":{"pass":"y"}})");
    EXPECT_TRUE(!dotted || dotted->text("params.login") == nullptr);
    const auto bracketed = JsonLine::parse(R"({"params[0]":"x","params":[]})");
    EXPECT_TRUE(!bracketed || bracketed->text("params[0]") == nullptr);
}

TEST(JsonLine, AcceptsOnlyObjects) {
    for (const char* text : {"", " ", "[]", "[{}]", "1", "\"a\"", "null", "true", "{", "}", "{}{}",
                             "{} x", "{},", "x{}", "[\"method\",\"login\"]"})
        EXPECT_FALSE(is_json(text)) << text;
}

// Only RFC 8259 is accepted.
TEST(JsonLine, RefusesOtherNotations) {
    for (const char* text : {"{a:1}",
                             "{'a':1}",
                             "{\"a\":'b'}",
                             "{\"a\":1,}",
                             "{,}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\" 1}",
                             "{\"a\":01}",
                             "{\"a\":+1}",
                             "{\"a\":.5}",
                             "{\"a\":1.}",
                             "{\"a\":1e}",
                             "{\"a\":0x1}",
                             "{\"a\":-}",
                             "{\"a\":NaN}",
                             "{\"a\":Infinity}",
                             "{\"a\":True}",
                             "{\"a\":undefined}",
                             "{\"a\":1 /* c */}",
                             "// c\n{}",
                             "{\"a\":\"\x01\"}",
                             "{\"a\":\"\n\"}",
                             "{\"a\":\"\\q\"}",
                             "{\"a\":\"\\u12\"}",
                             "{\"a\":\"\\ud800\"}",
                             "{\"a\":\"\\udc00\\ud800\"}",
                             "{\"a\":\"x}",
                             "{\"a\":[1,]}",
                             "{\"a\":[1 2]}",
                             "{1:2}",
                             "{null:2}",
                             "{\"a\":1 \"b\":2}"})
        EXPECT_FALSE(is_json(text)) << text;
}

TEST(JsonLine, RefusesNulBytes) {
    EXPECT_FALSE(is_json(std::string_view("{\"a\":1}\0", 8)));
    EXPECT_FALSE(is_json(std::string_view("{\"a\":1}\0garbage", 15)));
    EXPECT_FALSE(is_json(std::string_view("\0{\"a\":1}", 8)));
    EXPECT_FALSE(is_json(std::string_view("{\"a\":\"\0\"}", 9)));
    EXPECT_FALSE(is_json(std::string_view("{\0}", 3)));
}

TEST(JsonLine, KeepsAnEscapedNul) {
    const auto line = JsonLine::parse(R"({"method":"login\u0000x"})");
    EXPECT_TRUE(!line || *line->text("method") == std::string("login\0x", 7));
}

TEST(JsonLine, RefusesInvalidUtf8) {
    for (const char* bytes :
         {"\xff", "\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xb8"}) {
        EXPECT_FALSE(is_json(std::string("{\"a\":\"") + bytes + "\"}"));
        EXPECT_FALSE(is_json(std::string("{\"") + bytes + "\":1}"));
    }
}

TEST(JsonLine, AcceptsOrRefusesNumbersOutOfRange) {
    for (const char* number : {"1e999", "-1e999", "99999999999999999999999999", "1e-999",
                               "0.1e400000000", "123456789012345678901234567890.5"}) {
        const auto line = JsonLine::parse(std::string("{\"id\":") + number + ",\"method\":\"x\"}");
        EXPECT_TRUE(!line || *line->text("method") == "x") << number;
    }
}

TEST(JsonLine, LimitsDepth) {
    const auto nested = [](std::size_t depth, const char* open, const char* close) {
        std::string text = "{\"a\":";
        for (std::size_t i = 1; i < depth; ++i) text += open;
        text += "1";
        for (std::size_t i = 1; i < depth; ++i) text += close;
        return text + "}";
    };
    EXPECT_TRUE(is_json(nested(JsonLine::maximum_depth - 1, "[", "]")));
    EXPECT_TRUE(is_json(nested(JsonLine::maximum_depth - 1, "{\"a\":", "}")));
    EXPECT_FALSE(is_json(nested(JsonLine::maximum_depth + 1, "[", "]")));
    EXPECT_FALSE(is_json(nested(JsonLine::maximum_depth + 1, "{\"a\":", "}")));
    EXPECT_FALSE(is_json(nested(500, "[", "]")));
    EXPECT_FALSE(is_json(nested(10'000, "[", "]")));
    EXPECT_FALSE(is_json("{\"a\":" + std::string(10'000, '[')));
}

TEST(JsonLine, LimitsLength) {
    const auto padded = [](std::size_t size) {
        return "{\"a\":\"" + std::string(size - 8, 'x') + "\"}";
    };
    ASSERT_EQ(padded(100).size(), 100U);
    EXPECT_TRUE(is_json(padded(JsonLine::maximum_bytes)));
    EXPECT_FALSE(is_json(padded(JsonLine::maximum_bytes + 1)));
    EXPECT_FALSE(is_json(padded(1 << 20)));
}

TEST(JsonLine, LimitsTheNumberOfMembers) {
    const auto many = [](std::size_t count) {
        std::string text = "{\"a\":[1";
        for (std::size_t i = 1; i < count; ++i) text += ",1";
        return text + "]}";
    };
    EXPECT_TRUE(is_json(many(JsonLine::maximum_members / 2)));
    EXPECT_FALSE(is_json(many(JsonLine::maximum_members + 1)));
}

RC_GTEST_PROP(JsonLine, HandlesDamagedLines, ()) {
    std::string text = R"({"id":1,"m":"login","p":{"a":["rx/0",[1,{"b":null}]],"c":"\u4e2d"}})";
    const int changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i)
        text[*rc::gen::inRange<std::size_t>(0, text.size())] =
            *rc::gen::element('{', '}', '[', ']', '"', ',', ':', '\\', '0', 'u', '\0', '\xff');
    const auto line = JsonLine::parse(text);
    if (line) RC_ASSERT(line->members().size() <= JsonLine::maximum_members);
}

TEST(JsonLineHex, AcceptsOnlyDigitsOfEitherCase) {
    EXPECT_TRUE(is_hex("0123456789abcdefABCDEF"));
    for (const char* text : {"0x12", "g", " 1", "1 ", "-1", "\xc3\xa9"})
        EXPECT_FALSE(is_hex(text)) << text;
    EXPECT_FALSE(is_hex(std::string_view("a\0", 2)));
}

} // namespace
} // namespace minewarden::rules
