// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/hot_threads.h"
#include "kernel/fp_mode_abi.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

abi::thread_runtime_record runtime(std::uint32_t thread, std::uint64_t start, std::uint64_t used) {
    return {thread, thread, start, used};
}

std::vector<ThreadKey> scan(HotThreads& hot, std::vector<abi::thread_runtime_record> records,
                            std::uint64_t now) {
    return hot.update(records, {now});
}

TEST(HotThreads, TakeTheFirstScanAsTheBaseline) {
    HotThreads hot;
    EXPECT_TRUE(scan(hot, {runtime(1, 5, 500 * second)}, 1000 * second).empty());
}

TEST(HotThreads, AreThoseThatUseATenthOfACore) {
    HotThreads hot;
    scan(hot, {runtime(1, 5, second), runtime(2, 5, second)}, 100 * second);
    const auto found =
        scan(hot, {runtime(1, 5, second + second / 5), runtime(2, 5, second + second / 6)},
             102 * second);
    EXPECT_EQ(found, (std::vector<ThreadKey>{{1, 5}}));
}

TEST(HotThreads, IncludeAThreadThatBeganSinceTheLastScan) {
    HotThreads hot;
    scan(hot, {}, 100 * second);
    EXPECT_EQ(scan(hot, {runtime(7, 101 * second, second)}, 102 * second).size(), 1u);
}

TEST(HotThreads, IncludeAThreadThatBeganAfterAnIdleSpan) {
    HotThreads hot;
    scan(hot, {runtime(1, 5, second)}, 100 * second);
    hot.pass({160 * second});
    EXPECT_EQ(scan(hot, {runtime(1, 5, 2 * second)}, 162 * second).size(), 1u);
}

TEST(HotThreads, TreatAReusedIdAsAnotherThread) {
    HotThreads hot;
    scan(hot, {runtime(1, 5, 50 * second)}, 100 * second);
    const auto found = scan(hot, {runtime(1, 101 * second, second)}, 102 * second);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].start_boottime_ns, 101 * second);
}

TEST(HotThreads, KeepAThreadThatPausesForAFewScans) {
    HotThreads hot;
    std::uint64_t now = 100 * second;
    scan(hot, {runtime(1, 5, second)}, now);
    EXPECT_EQ(scan(hot, {runtime(1, 5, 3 * second)}, now += 2 * second).size(), 1u);
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(scan(hot, {runtime(1, 5, 3 * second)}, now += 2 * second).size(), 1u) << i;
    EXPECT_TRUE(scan(hot, {runtime(1, 5, 3 * second)}, now += 2 * second).empty());
}

TEST(HotThreads, AreLimitedToTheHottest) {
    HotThreads hot;
    std::vector<abi::thread_runtime_record> before;
    std::vector<abi::thread_runtime_record> after;
    for (std::uint32_t i = 1; i <= FP_WATCHED_THREADS + 10; ++i) {
        before.push_back(runtime(i, 5, second));
        after.push_back(runtime(i, 5, second + second / 4 + i * 1'000'000));
    }
    scan(hot, before, 100 * second);
    const auto found = scan(hot, after, 102 * second);
    ASSERT_EQ(found.size(), FP_WATCHED_THREADS);
    EXPECT_EQ(found.front().thread_id, FP_WATCHED_THREADS + 10);
}

} // namespace
} // namespace minewarden::agent
