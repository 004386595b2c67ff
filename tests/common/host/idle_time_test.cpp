// SPDX-License-Identifier: Apache-2.0
#include "common/host/idle_time.h"

#include <gtest/gtest.h>

namespace minewarden {
namespace {

using std::chrono::milliseconds;

TEST(IdleTime, IsTheSecondNumberOfUptime) {
    EXPECT_EQ(parse_idle_time("10959.17 21033.90\n"), milliseconds(21'033'900));
    EXPECT_EQ(parse_idle_time("0.05 0.04"), milliseconds(40));
}

TEST(IdleTime, RefusesOtherForms) {
    for (const char* text : {"", "1.00", "1.00 ", "1.00 2", "1.00 2.0", "1.00 2.000", "1.00 -2.00",
                             "1.00 2.x0", "1.00 99999999999999999999.00", "1.00 9000000000000.00"})
        EXPECT_EQ(parse_idle_time(text), std::nullopt) << text;
}

TEST(IdleTime, ReadsThisHost) {
    const auto before = read_idle_time();
    ASSERT_TRUE(before);
    EXPECT_GE(*read_idle_time(), *before);
}

} // namespace
} // namespace minewarden
