// SPDX-License-Identifier: Apache-2.0
#include "common/clock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace minewarden {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t second = 1'000'000'000;
// 2026-11-20T15:01:56Z by date(1).
constexpr WallTime noon{1'795'186'916 * second};

std::optional<std::int64_t> seconds_of(std::string_view text) {
    const auto time = parse_time(text, noon);
    if (!time) return std::nullopt;
    return time->ns / second;
}

TEST(Rfc3339, IsWrittenInUtcWithMilliseconds) {
    EXPECT_EQ(to_rfc3339({0}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339({noon.ns + 123'999'999}), "2026-11-20T15:01:56.123Z");
    EXPECT_EQ(to_rfc3339({951'782'400 * second}), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339({4'107'542'399 * second}), "2100-02-28T23:59:59.000Z");
}

TEST(Rfc3339, WritesTimesBefore1970) {
    EXPECT_EQ(to_rfc3339({-1}), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339({-second}), "1969-12-31T23:59:59.000Z");
}

TEST(Rfc3339, WritesTheLimitsOfTheClock) {
    EXPECT_EQ(to_rfc3339({std::numeric_limits<std::int64_t>::max()}), "2262-04-11T23:47:16.854Z");
    EXPECT_EQ(to_rfc3339({std::numeric_limits<std::int64_t>::min()}), "1677-09-21T00:12:43.145Z");
}

TEST(ParseTime, ReadsUtc) {
    EXPECT_EQ(parse_time("2026-11-20T15:01:56Z", {}), noon);
    EXPECT_EQ(parse_time("1970-01-01T00:00:00Z", {}), WallTime{0});
}

TEST(ParseTime, ReadsFractions) {
    EXPECT_EQ(parse_time("2026-11-20T15:01:56.5Z", {}), WallTime{noon.ns + 500'000'000});
    EXPECT_EQ(parse_time("2026-11-20T15:01:56.123456789Z", {}), WallTime{noon.ns + 123'456'789});
    EXPECT_EQ(parse_time("2026-11-20T15:01:56.000000001Z", {}), WallTime{noon.ns + 1});
}

TEST(ParseTime, ReadsOffsets) {
    EXPECT_EQ(parse_time("2026-11-20T23:01:56+08:00", {}), noon);
    EXPECT_EQ(parse_time("2026-11-21T00:01:56+09:00", {}), noon) << "over midnight";
    EXPECT_EQ(parse_time("2026-11-20T10:01:56-05:00", {}), noon);
    EXPECT_EQ(parse_time("2026-11-20T20:31:56+05:30", {}), noon);
    EXPECT_EQ(parse_time("2026-11-20T15:01:56-00:00", {}), noon);
    EXPECT_EQ(parse_time("2027-01-01T07:59:59+08:00", {}), parse_time("2026-12-31T23:59:59Z", {}));
}

// RFC 3339, 5.6: "T" and "Z" may be in lower case.
TEST(ParseTime, ReadsLowerCaseLetters) {
    EXPECT_EQ(parse_time("2026-11-20t15:01:56z", {}), noon);
}

TEST(ParseTime, ReadsADateWithoutATime) {
    EXPECT_EQ(parse_time("2026-11-20", noon), parse_time("2026-11-20T00:00:00Z", {}));
    EXPECT_EQ(parse_time("2024-02-29", noon), parse_time("2024-02-29T00:00:00Z", {}));
}

TEST(ParseTime, SubtractsAges) {
    EXPECT_EQ(seconds_of("90s"), noon.ns / second - 90);
    EXPECT_EQ(seconds_of("15m"), noon.ns / second - 15 * 60);
    EXPECT_EQ(seconds_of("2h"), noon.ns / second - 2 * 3600);
    EXPECT_EQ(seconds_of("7d"), noon.ns / second - 7 * 86400);
    EXPECT_EQ(parse_time("0s", noon), noon);
}

TEST(ParseTime, RefusesDatesThatDoNotExist) {
    for (const char* text :
         {"2026-02-29", "2100-02-29", "2026-02-30", "2026-04-31", "2026-13-01", "2026-00-10",
          "2026-01-00", "2026-01-32", "2026-11-20T24:00:00Z", "2026-11-20T23:60:00Z",
          "2026-11-20T23:59:61Z", "2026-11-20T15:01:56+24:00", "2026-11-20T15:01:56+08:60"})
        EXPECT_EQ(parse_time(text, noon), std::nullopt) << text;
}

TEST(ParseTime, RefusesOtherForms) {
    for (const char* text : {"",
                             " ",
                             "now",
                             "yesterday",
                             "2026",
                             "2026-11",
                             "2026-11-2",
                             "26-11-20",
                             "20261120",
                             "2026/11/20",
                             "2026-11-20T15:01:56",
                             "2026-11-20T15:01Z",
                             "2026-11-20 15:01",
                             "+2026-11-20",
                             "2026-11-20T15:01:56.Z",
                             "2026-11-20T15:01:56+08",
                             "2026-11-20T15:01:56+0800",
                             "2026-11-20T15:01:56ZZ",
                             "2026-11-20T15:01:56Z ",
                             " 2026-11-20",
                             "2026-11-20T",
                             "2026-11-20T15:01:56+8:00",
                             "-026-11-20",
                             "2026-1-20",
                             "2026-+1-20",
                             "2026-11-20T 5:01:56Z",
                             "2026-11-20T-5:01:56Z",
                             "2026-11-20T15:01:56.-1Z"})
        EXPECT_EQ(parse_time(text, noon), std::nullopt) << text;
}

TEST(ParseTime, RefusesOtherAges) {
    for (const char* text : {"5", "s", "-5m", "+5m", " 5m", "5 m", "5m ", "1.5h", "5w", "5y", "5M",
                             "1h30m", "0x5s", "5ss"})
        EXPECT_EQ(parse_time(text, noon), std::nullopt) << text;
}

TEST(ParseTime, RefusesTimesBeyondTheClock) {
    for (const char* text : {"9999-12-31T23:59:59Z", "2262-04-12", "0001-01-01", "0000-01-01",
                             "1677-09-21", "99999999999d", "9223372036854775807d",
                             "9223372036854775807s", "99999999999999999999s", "999999h99"})
        EXPECT_EQ(parse_time(text, noon), std::nullopt) << text;
    EXPECT_EQ(parse_time("106751d", {std::numeric_limits<std::int64_t>::min() + 1}), std::nullopt);
}

RC_GTEST_PROP(ParseTime, ReadsBackWrittenTimesToTheMillisecond, ()) {
    const auto ms = *rc::gen::inRange<std::int64_t>(-9'000'000'000'000, 9'000'000'000'000);
    const WallTime time{ms * 1'000'000};
    RC_ASSERT(parse_time(to_rfc3339(time), {}) == time);
}

TEST(ParseDuration, ReadsAllUnits) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("10s"), 10s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("7d"), 168h);
    EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(ParseDuration, RefusesOtherForms) {
    for (const char* text : {"", "10", "s", "ms", "-1s", "+1s", " 1s", "1 s", "1s ", "1S", "1.5s",
                             "1us", "1ns", "1w", "1m30s", "1sm", "0x1s", "1e3s"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(ParseDuration, RefusesTooLongDurations) {
    EXPECT_EQ(parse_duration("106751d"), 106751 * 24h);
    for (const char* text : {"106752d", "9223372036854775807ms", "9223372037s",
                             "18446744073709551616s", "99999999999999999999999d"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(DurationText, IsTheShortestForm) {
    EXPECT_EQ(to_string(std::chrono::nanoseconds(10s)), "10s");
    EXPECT_EQ(to_string(std::chrono::nanoseconds(250ms)), "250ms");
    EXPECT_EQ(to_string(std::chrono::nanoseconds(2h)), "2h");
    EXPECT_EQ(to_string(std::chrono::nanoseconds(60s)), "1m");
    EXPECT_EQ(to_string(std::chrono::nanoseconds(90s)), "90s");
    EXPECT_EQ(to_string(std::chrono::nanoseconds(24h)), "1d");
    EXPECT_EQ(to_string(std::chrono::nanoseconds(1500ms)), "1500ms");
}

RC_GTEST_PROP(DurationText, ParsesBack, ()) {
    const auto count = *rc::gen::inRange<std::int64_t>(0, 100'000);
    const auto unit = *rc::gen::element<std::chrono::milliseconds>(1ms, 1s, 1min, 1h);
    const std::chrono::nanoseconds duration = unit * count;
    RC_ASSERT(parse_duration(to_string(duration)) == duration);
}

TEST(Clocks, AgreeAboutNow) {
    const WallTime before = wall_now();
    const WallTime converted = to_wall(boot_now());
    EXPECT_LT(std::abs(converted.ns - before.ns), 60 * second);
    EXPECT_GT(boot_now().ns, 0U);
}

} // namespace
} // namespace minewarden
