// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/host_load.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t cpus = 4;

/// A host that uses so much CPU time every two seconds.
class Host {
  public:
    bool was_idle(milliseconds used) {
        now_ns_ += 2'000'000'000;
        idle_ += milliseconds(2000) * cpus - used;
        return load_.was_idle({now_ns_}, idle_, cpus);
    }
    bool cannot_tell() {
        now_ns_ += 2'000'000'000;
        return load_.was_idle({now_ns_}, std::nullopt, cpus);
    }

  private:
    HostLoad load_;
    std::uint64_t now_ns_ = 1'000'000'000'000;
    std::chrono::nanoseconds idle_{0};
};

TEST(HostLoad, IsUnknownAtFirst) {
    EXPECT_FALSE(Host().was_idle(milliseconds(0)));
}

TEST(HostLoad, IsIdleBelowATenthOfOneCore) {
    Host host;
    host.was_idle(milliseconds(0));
    EXPECT_TRUE(host.was_idle(milliseconds(190)));
    EXPECT_FALSE(host.was_idle(milliseconds(200)));
    EXPECT_FALSE(host.was_idle(milliseconds(8000)));
    EXPECT_TRUE(host.was_idle(milliseconds(0)));
}

TEST(HostLoad, IsNotIdleMoreThanFourTimesInARow) {
    Host host;
    host.was_idle(milliseconds(0));
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i) EXPECT_TRUE(host.was_idle(milliseconds(0)));
        EXPECT_FALSE(host.was_idle(milliseconds(0)));
    }
}

TEST(HostLoad, IsNotIdleIfTheTimeCannotBeRead) {
    Host host;
    host.was_idle(milliseconds(0));
    EXPECT_FALSE(host.cannot_tell());
    EXPECT_FALSE(host.was_idle(milliseconds(0))); // nothing to compare with
    EXPECT_TRUE(host.was_idle(milliseconds(0)));
}

} // namespace
} // namespace minewarden::agent
