// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/stratum/message.h"

#include <gtest/gtest.h>

namespace minewarden::lab {
namespace {

TEST(Message, AddsNoSpacesInsideStrings) {
    EXPECT_EQ(with_spaces(R"({"a":[1,2],"b":"x:y,\"z:\\"})"),
              R"({"a": [1, 2], "b": "x:y,\"z:\\"})");
}

TEST(Message, WritesEachForm) {
    const Json params = Json::array({"a", 1});
    const WireForm new_form{.order = KeyOrder::newer, .spaces = false};
    const WireForm old_form{.order = KeyOrder::older, .spaces = true};
    EXPECT_EQ(request_line(new_form, Dialect::monero, 7, "m", params),
              "{\"id\":7,\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":[\"a\",1]}\n");
    EXPECT_EQ(request_line(new_form, Dialect::bitcoin, 7, "m", params),
              "{\"id\":7,\"method\":\"m\",\"params\":[\"a\",1]}\n");
    EXPECT_EQ(request_line(old_form, Dialect::monero, 7, "m", params),
              "{\"method\": \"m\", \"params\": [\"a\", 1], \"id\": 7}\n");
}

TEST(Message, ParsesRequestsAndAnswers) {
    const auto request = parse_message(R"({"params":[1],"method":"submit","id":"x","more":{}})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, "submit");
    EXPECT_EQ(request->id, "x");
    const auto answer = parse_message(R"({"id":null,"result":true,"error":null})");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->method, "");
    EXPECT_EQ(answer->result, true);
}

TEST(Message, RefusesOtherLines) {
    const std::vector<std::string> bad = {
        "",
        "{",
        "null",
        "[]",
        "12",
        "GET / HTTP/1.1",
        R"({"id":{},"method":"m"})",
        R"({"id":1.5,"method":"m"})",
        R"({"id":1,"method":7})",
        R"({"id":1,"method":""})",
        R"({"id":1,"method":")" + std::string(65, 'm') + "\"}",
        R"({"id":")" + std::string(65, 'i') + "\"}",
        std::string("{\"id\":1,\"method\":\"\xff\"}"),
        std::string("{\"id\":1,\0}", 10),
        std::string(10'000, '['),
        std::string(8'000, '[') + std::string(8'000, ']'),
    };
    for (const std::string& line : bad) EXPECT_FALSE(parse_message(line)) << line.substr(0, 80);
}

TEST(Message, AcceptsDeepParams) {
    const std::string deep = std::string(8'000, '[') + std::string(8'000, ']');
    EXPECT_TRUE(parse_message("{\"id\":1,\"method\":\"m\",\"params\":" + deep + "}"));
}

TEST(Message, StringAtChecksTypeAndLength) {
    const Json object = Json::parse(R"({"a":"text","b":7})");
    EXPECT_EQ(string_at(object, "a", 4), "text");
    EXPECT_EQ(string_at(object, "a", 3), std::nullopt);
    EXPECT_EQ(string_at(object, "b", 9), std::nullopt);
    EXPECT_EQ(string_at(object, "c", 9), std::nullopt);
    EXPECT_EQ(string_at(Json(), "a", 9), std::nullopt);
    EXPECT_EQ(string_at(Json::array({"x"}), std::size_t{0}, 9), "x");
    EXPECT_EQ(string_at(Json::array({"x"}), std::size_t{1}, 9), std::nullopt);
}

} // namespace
} // namespace minewarden::lab
