// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/worker_windows.h"

#include <gtest/gtest.h>

namespace minewarden::agent {
namespace {

using namespace std::chrono_literals;
namespace field = rules::workers_window;

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t begin = 1000 * second;
const rules::ImageKey miner{10, 900 * second, 3};

/// The end of a thread, or of a process if the thread is its first.
abi::process_exit_event ended(const rules::ImageKey& image, std::uint32_t thread_id,
                              std::uint64_t start, std::uint64_t at, std::uint64_t runtime,
                              std::uint32_t word = 0x5f80) {
    abi::process_exit_event event{};
    event.header.boottime_ns = at;
    event.header.type = thread_id == image.pid ? abi::EVENT_PROCESS_EXIT : abi::EVENT_THREAD_EXIT;
    event.subject = {image.start_boottime_ns, image.image, image.pid, 0};
    event.thread_id = thread_id;
    event.thread_start_boottime_ns = start;
    event.thread_runtime_ns = runtime;
    event.control_word = word;
    event.fp_flags = abi::FP_EXIT_WORD;
    event.involuntary_switches = 20;
    event.voluntary_switches = 1;
    return event;
}

class WorkerWindowsTest : public testing::Test {
  protected:
    WorkerWindowsTest() { workers_.close_window({}, {}, {begin}); }

    const rules::Observation* close(std::uint64_t at, std::vector<ThreadGrowth> living = {},
                                    const FpModeCounts& modes = {}) {
        observations_ = workers_.close_window(living, modes, {at});
        return observations_.empty() ? nullptr : &observations_.front().observation;
    }

    ForkLineage lineage_;
    WorkerWindows workers_{lineage_, 10s};
    std::vector<ProcessObservation> observations_;
};

TEST_F(WorkerWindowsTest, AddsUpReplacedThreadsOfAProcess) {
    for (std::uint32_t i = 0; i < 3; ++i)
        workers_.on_exit(ended(miner, 20 + i, begin + i * 3 * second, begin + (i + 1) * 3 * second,
                               3 * second, 0x3f80 + i * 0x2000),
                         0);
    const auto* window =
        close(begin + 10 * second, {{miner, 30, begin + 9 * second, second},
                                    {miner, 10, 900 * second, 5 * second}}); // its first thread
    ASSERT_NE(window, nullptr);
    EXPECT_EQ(observations_.front().image, miner);
    EXPECT_EQ(window->integer(field::ended), 3);
    EXPECT_EQ(window->integer(field::living), 1);
    EXPECT_EQ(window->integer(field::mean_life_ms), 3000);
    EXPECT_EQ(window->integer(field::cpu_permille), 1000); // 9 s of those that ended and 1 s
    EXPECT_EQ(window->integer(field::fp_samples), 3);
    EXPECT_EQ(window->integer(field::fp_modes), 3);
    EXPECT_EQ(window->integer(field::rounding_down), 1);
    EXPECT_EQ(window->integer(field::rounding_up), 1);
    EXPECT_EQ(window->integer(field::rounding_to_zero), 1);
}

TEST_F(WorkerWindowsTest, ShowsTheMostThatOneOfItsProcessesHolds) {
    for (std::uint32_t i = 0; i < 3; ++i)
        workers_.on_exit(ended(miner, 20 + i, begin + i * 3 * second, begin + (i + 1) * 3 * second,
                               3 * second, 0x3f80 + i * 0x2000),
                         0);
    const WorkerWindows::Memory memory{
        [](const rules::ImageKey& image) {
            return image == miner ? std::optional(Footprint{100, 2300, 7}) : std::nullopt;
        },
        [](const rules::ImageKey&) {
            return LargestRanges{std::uint64_t{64} << 20, std::uint64_t{2080} << 20};
        }};
    observations_ = workers_.close_window({}, {}, {begin + 10 * second}, memory);
    ASSERT_EQ(observations_.size(), 1u);
    const rules::Observation& window = observations_.front().observation;
    EXPECT_EQ(window.integer(field::private_mib), 100);
    EXPECT_EQ(window.integer(field::resident_mib), 2300);
    EXPECT_EQ(window.integer(field::device_written_kib_per_s), 7);
    EXPECT_EQ(window.integer(field::largest_mapping_mib), 64);
    EXPECT_EQ(window.integer(field::largest_range_mib), 2080);
}

TEST_F(WorkerWindowsTest, DoesNotCountCpuOfEarlierWindowsAgain) {
    workers_.on_exit(ended(miner, 20, begin - 2 * second, begin + second, 3 * second), 2 * second);
    EXPECT_EQ(close(begin + 10 * second)->integer(field::cpu_permille), 100);
}

TEST_F(WorkerWindowsTest, CountsAnEndedThreadThatIsStillInTheTableOnce) {
    workers_.on_exit(ended(miner, 20, begin, begin + 5 * second, 5 * second), 0);
    EXPECT_EQ(
        close(begin + 10 * second, {{miner, 20, begin, 5 * second}})->integer(field::cpu_permille),
        500);
}

TEST_F(WorkerWindowsTest, CreditsEndedForksAndTheirSamplesToTheirParent) {
    const rules::ImageKey child{11, begin + second, 3};
    lineage_.on_fork(miner, child);
    FpModeCounts modes;
    for (std::uint64_t switches = 1; switches < 5; ++switches)
        modes.add({{begin + second, 3, 11, 0},
                   begin + second,
                   switches,
                   11,
                   0x7f80,
                   abi::FP_RUNNABLE,
                   3,
                   0,
                   0});
    workers_.on_exit(ended(child, 11, begin + second, begin + 3 * second, 2 * second), 0);
    lineage_.on_departure(child);
    const auto* window = close(begin + 10 * second, {}, modes);
    ASSERT_NE(window, nullptr);
    EXPECT_EQ(observations_.front().image, miner);
    EXPECT_EQ(window->integer(field::cpu_permille), 200);
    EXPECT_EQ(window->integer(field::fp_samples), 4); // three looks and its last word
    EXPECT_EQ(window->integer(field::rounding_to_zero), 3);
}

TEST_F(WorkerWindowsTest, LeavesOutAChildThatBecameAnotherProgram) {
    const rules::ImageKey child{11, begin + second, 3};
    lineage_.on_fork(miner, child);
    lineage_.on_departure(child); // it execs
    workers_.on_exit(
        ended({11, begin + second, 4}, 11, begin + second, begin + 3 * second, 2 * second), 0);
    EXPECT_EQ(close(begin + 10 * second), nullptr);
}

TEST_F(WorkerWindowsTest, TreatsAChainOfForksAsOneProgram) {
    rules::ImageKey member = miner;
    for (std::uint32_t i = 0; i < 12; ++i) {
        const rules::ImageKey next{100 + i, begin + i * second, 3};
        lineage_.on_fork(member, next);
        lineage_.on_departure(member);
        workers_.on_exit(
            ended(next, next.pid, next.start_boottime_ns, next.start_boottime_ns + second, second),
            0);
        member = next;
    }
    ASSERT_NE(close(begin + 12 * second), nullptr);
    ASSERT_EQ(observations_.size(), 1u);
    EXPECT_EQ(observations_.front().image, miner);
    EXPECT_EQ(observations_.front().observation.integer(field::ended), 12);
    EXPECT_EQ(observations_.front().observation.integer(field::cpu_permille), 1000);
}

TEST_F(WorkerWindowsTest, LeavesOutOldThreads) {
    workers_.on_exit(ended(miner, 20, begin - 100 * second, begin + second, 50 * second), 0);
    EXPECT_EQ(close(begin + 10 * second), nullptr);
}

TEST_F(WorkerWindowsTest, CountsTheLastWordOnlyOfThreadsThatWereMostlyInterrupted) {
    auto waits = ended(miner, 20, begin, begin + 5 * second, 5 * second);
    waits.voluntary_switches = 1000;
    auto guest = ended(miner, 21, begin, begin + 5 * second, second);
    guest.fp_flags |= abi::FP_GUEST_STATE;
    auto unknown = ended(miner, 22, begin, begin + 5 * second, second);
    unknown.fp_flags = 0;
    for (const auto& event : {waits, guest, unknown}) workers_.on_exit(event, 0);
    EXPECT_EQ(close(begin + 10 * second)->integer(field::fp_samples), 0);
}

TEST_F(WorkerWindowsTest, RemembersAProgramForFiveWindowsAfterItsLastWorker) {
    workers_.on_exit(ended(miner, 20, begin, begin + 5 * second, 5 * second), 0);
    std::uint64_t windows = 0;
    for (std::uint64_t i = 1; i < 10; ++i)
        windows += close(begin + i * 10 * second,
                         {{miner, 21, begin + i * 10 * second - second, second}}) != nullptr;
    EXPECT_EQ(windows, WorkerWindows::remembered_windows);
}

TEST_F(WorkerWindowsTest, KeepsNothingOfAThousandShortProcesses) {
    for (std::uint32_t pid = 100; pid < 1100; ++pid) {
        const rules::ImageKey child{pid, begin, 3};
        lineage_.on_fork(miner, child);
        workers_.on_exit(ended(child, pid, begin, begin + second, 1'000'000), 0);
        lineage_.on_departure(child);
    }
    EXPECT_EQ(close(begin + 10 * second), nullptr);
    EXPECT_EQ(lineage_.size(), 0u);
}

TEST_F(WorkerWindowsTest, CallsAProgramChurningFromATenthOfACoreOn) {
    workers_.update_churning({begin});
    workers_.on_exit(ended(miner, 20, begin, begin + second, 300'000'000), 0);
    EXPECT_EQ(workers_.update_churning({begin + 2 * second}), std::set{miner});
    workers_.on_exit(ended({12, 900 * second, 3}, 21, begin, begin + 3 * second, 100'000'000), 0);
    EXPECT_EQ(workers_.update_churning({begin + 4 * second}), std::set{miner});
    for (std::uint64_t i = 3; i < 12; ++i) workers_.update_churning({begin + i * 2 * second});
    EXPECT_TRUE(workers_.churning().empty());
}

} // namespace
} // namespace minewarden::agent
