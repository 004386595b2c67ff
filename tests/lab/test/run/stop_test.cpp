// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/stop.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

namespace minewarden::lab {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

TEST(Stop, EndsAtItsLimit) {
    const Stop stop(30ms);
    EXPECT_FALSE(stop.requested());
    EXPECT_LE(stop.poll_timeout(), 30);
    stop.sleep(10s); // must return at the limit
    EXPECT_TRUE(stop.requested());
    EXPECT_EQ(stop.reason(), "time limit");
    EXPECT_EQ(stop.poll_timeout(), 0);
}

TEST(Stop, ARequestEndsASleep) {
    Stop stop(1h);
    const auto start = steady_clock::now();
    const std::jthread other([&] {
        std::this_thread::sleep_for(20ms);
        stop.request();
    });
    stop.sleep(30s);
    EXPECT_TRUE(stop.requested());
    EXPECT_EQ(stop.reason(), "request");
    EXPECT_LT(steady_clock::now() - start, 10s);
}

TEST(Stop, SleepsNoLongerThanRequested) {
    const Stop stop(1h);
    const auto start = steady_clock::now();
    stop.sleep(20ms);
    EXPECT_GE(steady_clock::now() - start, 20ms);
    stop.sleep(-5ms);
    EXPECT_FALSE(stop.requested());
}

TEST(Stop, SignalsRequestIt) {
    for (const int signal : {SIGTERM, SIGINT}) {
        Stop stop(1h);
        const StopOnSignals signals(stop, std::chrono::seconds(60));
        ::raise(signal);
        EXPECT_TRUE(stop.requested());
    }
}

} // namespace
} // namespace minewarden::lab
