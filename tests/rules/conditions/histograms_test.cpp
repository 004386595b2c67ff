// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/conditions.h"

#include <gtest/gtest.h>

/// Histograms in conditions, and their encoding.
namespace minewarden::rules {
namespace {

using conditions::Truth;
using test::integer;
using test::observe;
using test::problems;
using test::truth;

const Observation& rounded() {
    static const Observation observation =
        observe(ObservationType::thread_window, {{"rounding.nearest", integer(40)},
                                                 {"rounding.down", integer(7)},
                                                 {"rounding.up", integer(0)},
                                                 {"rounding.to_zero", integer(5)}});
    return observation;
}

TEST(Histogram, EachCountIsAField) {
    EXPECT_EQ(truth("rounding.down = 7 and rounding.up = 0", rounded()), Truth::yes);
    EXPECT_EQ(truth("rounding.nearest < rounding.to_zero", rounded()), Truth::no);
}

TEST(Histogram, TotalAddsUpItsCounts) {
    EXPECT_EQ(truth("total(rounding) = 52", rounded()), Truth::yes);
    EXPECT_EQ(truth("rounding.nearest * 100 < total(rounding) * 80", rounded()), Truth::yes);
    EXPECT_EQ(truth("rounding.nearest * 100 < total(rounding) * 70", rounded()), Truth::no);
}

TEST(Histogram, TotalIsUnknownIfACountIsUnknown) {
    Observation observation = rounded();
    observation.set(thread_window::rounding_up, {});
    EXPECT_EQ(truth("total(rounding) >= 0", observation), Truth::unknown);
}

TEST(Histogram, CountsAreSummedOverWindows) {
    const Observation& one = rounded();
    EXPECT_EQ(truth("sum(rounding.down over 3 windows) = 14", {&one, nullptr, &one}), Truth::yes);
}

TEST(Histogram, RefusesOtherNames) {
    for (const char* source : {"total(rounding.down) > 1", "total(cpu_permille) > 1", "total() > 1",
                               "total(rounded) > 1", "rounding > 1", "rounding.sideways > 1",
                               "sum(rounding over 3 windows) > 1"})
        EXPECT_FALSE(problems(source, ObservationType::thread_window).empty()) << source;
    EXPECT_FALSE(problems("total(rounding) > 1", ObservationType::process_exec).empty());
}

TEST(Histogram, IsOneArrayInARecord) {
    const cbor::Value encoded = to_cbor(rounded());
    const auto& fields = *encoded.get_if<cbor::Map>()->find("fields")->second.get_if<cbor::Map>();
    ASSERT_EQ(fields.count("rounding"), 1U);
    EXPECT_EQ(fields.at("rounding"), cbor::Value(cbor::Array{40, 7, 0, 5}));
    const auto decoded = observation_from_cbor(encoded);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, rounded());
}

TEST(Histogram, RefusesMalformedArrays) {
    const auto with = [](cbor::Value counts) {
        cbor::Map map = *to_cbor(rounded()).get_if<cbor::Map>();
        map.insert_or_assign("fields", cbor::Map{{"rounding", std::move(counts)}});
        return observation_from_cbor(map);
    };
    EXPECT_TRUE(with(cbor::Array{1, 2, 3, 4}));
    EXPECT_FALSE(with(cbor::Array{1, 2, 3}));
    EXPECT_FALSE(with(cbor::Array{1, 2, 3, "4"}));
    EXPECT_FALSE(with(5));
    const auto longer = with(cbor::Array{1, 2, 3, 4, 5});
    ASSERT_FALSE(longer);
}

} // namespace
} // namespace minewarden::rules
