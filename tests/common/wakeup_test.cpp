// SPDX-License-Identifier: Apache-2.0
#include "common/wakeup.h"

#include <gtest/gtest.h>

#include <poll.h>
#include <thread>

namespace minewarden {
namespace {

bool is_readable(const Wakeup& wakeup, int timeout_ms = 0) {
    pollfd one{wakeup.fd(), POLLIN, 0};
    return ::poll(&one, 1, timeout_ms) == 1;
}

TEST(Wakeup, IsReadableFromSetToClear) {
    const Wakeup wakeup;
    EXPECT_FALSE(is_readable(wakeup));
    wakeup.set();
    wakeup.set();
    EXPECT_TRUE(is_readable(wakeup));
    wakeup.clear();
    EXPECT_FALSE(is_readable(wakeup));
    wakeup.clear();
    EXPECT_FALSE(is_readable(wakeup));
}

TEST(Wakeup, WakesAnotherThread) {
    const Wakeup wakeup;
    std::jthread setter([&] { wakeup.set(); });
    EXPECT_TRUE(is_readable(wakeup, 30'000));
}

} // namespace
} // namespace minewarden
