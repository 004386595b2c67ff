// SPDX-License-Identifier: Apache-2.0
#include "rules/observation/value.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace minewarden::rules {
namespace {

IpAddress address(std::string_view text) {
    const auto parsed = parse_ip_address(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(IpAddress{});
}

std::vector<Value> one_of_each() {
    return {Value(), true, std::int64_t{-7}, std::string("pool.example"), address("192.0.2.1")};
}

TEST(ObservationValue, EqualsItsCopyAndNoOtherValue) {
    const std::vector<Value> values = one_of_each();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Value copy = values[i]; // NOLINT(performance-unnecessary-copy-initialization)
        for (std::size_t j = 0; j < values.size(); ++j) EXPECT_EQ(copy == values[j], i == j);
    }
    EXPECT_NE(Value(std::string("a")), Value(std::string("b")));
    EXPECT_NE(Value(address("192.0.2.1")), Value(address("192.0.2.2")));
}

TEST(ObservationValue, ACopyIsIndependent) {
    Value first = std::string("first");
    Value second = first;
    first = std::string("another");
    EXPECT_EQ(to_display(second), "first");
    second = first;
    first = std::int64_t{1};
    EXPECT_EQ(to_display(second), "another");
}

TEST(ObservationValue, AllowsSelfAssignmentAndMoves) {
    Value value = std::string("kept");
    const Value& same = value;
    value = same;
    EXPECT_EQ(to_display(value), "kept");
    Value taken = std::move(value);
    value = std::string("new"); // a moved-from value can be assigned to
    EXPECT_EQ(to_display(taken), "kept");
    EXPECT_EQ(to_display(value), "new");
    std::swap(value, taken);
    EXPECT_EQ(to_display(value), "kept");
}

TEST(ObservationValue, EncodesAndDecodes) {
    using enum ValueType;
    const std::vector<ValueType> types{integer, boolean, integer, text, ValueType::address};
    const std::vector<Value> values = one_of_each();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto back = from_cbor(to_cbor(values[i]), types[i]);
        ASSERT_TRUE(back) << i;
        EXPECT_EQ(*back, values[i]) << i;
    }
}

TEST(ObservationValue, RefusesAnotherType) {
    EXPECT_FALSE(from_cbor(cbor::Value("text"), ValueType::integer));
    EXPECT_FALSE(from_cbor(cbor::Value(std::int64_t{1}), ValueType::text));
    EXPECT_FALSE(from_cbor(cbor::Value(std::int64_t{1}), ValueType::boolean));
    EXPECT_FALSE(from_cbor(cbor::Value("192.0.2.256"), ValueType::address));
}

} // namespace
} // namespace minewarden::rules
