// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/window_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace minewarden::agent {
namespace {

using rules::Observation;
using rules::ObservationType;
namespace process_field = rules::process_window;
namespace thread_field = rules::thread_window;

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t window = 10 * second;
constexpr std::uint64_t first_pull = 100 * second;

/// A process table that tests change between pulls.
struct Table {
    TaskTable tasks;

    abi::process_record& process(std::uint32_t pid, std::uint64_t image = 1,
                                 std::uint64_t start = second) {
        abi::process_record record{};
        record.header = {abi::TASK_RECORD_PROCESS, sizeof(record)};
        record.subject = {start, image, pid, 0};
        record.threads = 1;
        record.anonymous_bytes = 32 << 20;
        record.shared_bytes = 20 << 20;
        record.huge_bytes = 12 << 20;
        record.file_bytes = 8 << 20;
        return tasks.processes.emplace_back(record);
    }
    abi::thread_record& thread(std::uint32_t pid, std::uint32_t thread_id, std::uint64_t runtime,
                               std::uint64_t start = second) {
        abi::thread_record record{};
        record.header = {abi::TASK_RECORD_THREAD, sizeof(record)};
        record.process_start_boottime_ns = second;
        record.start_boottime_ns = start;
        record.pid = pid;
        record.thread_id = thread_id;
        record.runtime_ns = runtime;
        record.allowed_cpus = 2;
        return tasks.threads.emplace_back(record);
    }
};

WindowBuilder builder() {
    return WindowBuilder([](const rules::ImageKey&) { return LargestRanges{}; });
}

const Observation* find(const std::vector<ProcessObservation>& observations, ObservationType type,
                        std::int64_t entity = 0) {
    const auto found = std::ranges::find_if(observations, [&](const ProcessObservation& item) {
        return item.observation.type == type && item.observation.entity == entity;
    });
    return found == observations.end() ? nullptr : &found->observation;
}

TEST(WindowBuilder, TakesTheFirstPullAsTheBaseline) {
    auto windows = builder();
    Table table;
    table.process(5);
    table.thread(5, 5, 50 * second);
    EXPECT_TRUE(windows.close_window(table.tasks, {}, {first_pull}).empty());
}

TEST(WindowBuilder, ObservesAnOlderProcessFromTheFirstWindowOn) {
    auto windows = builder();
    Table before;
    before.process(5);
    before.thread(5, 5, 50 * second);
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    after.process(5);
    auto& thread = after.thread(5, 5, 55 * second);
    thread.user_ns = 3 * second;
    thread.system_ns = second;
    thread.involuntary_switches = 100;
    const auto observations = windows.close_window(after.tasks, {}, {first_pull + window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::cpu_permille), 500);
    EXPECT_EQ(process->integer(process_field::hot_threads), 1);
    EXPECT_EQ(process->integer(process_field::private_mib), 64);
    EXPECT_EQ(process->integer(process_field::resident_mib), 72);
    EXPECT_EQ(process->integer(process_field::anonymous_mib), 32);
    EXPECT_EQ(process->integer(process_field::shared_mib), 20);
    EXPECT_EQ(process->integer(process_field::file_mib), 8);
    EXPECT_EQ(process->integer(process_field::huge_mib), 12);
    const Observation* busy = find(observations, ObservationType::thread_window, 5);
    ASSERT_NE(busy, nullptr);
    EXPECT_EQ(busy->integer(thread_field::user_permille), 750);
    EXPECT_EQ(busy->integer(thread_field::private_mib), 64);
    EXPECT_EQ(busy->integer(thread_field::resident_mib), 72);
    EXPECT_EQ(busy->integer(thread_field::involuntary_per_s), 10);
}

TEST(WindowBuilder, LeavesOutIdleProcesses) {
    auto windows = builder();
    Table table;
    table.process(5);
    table.thread(5, 5, 50 * second);
    windows.close_window(table.tasks, {}, {first_pull});
    EXPECT_TRUE(windows.close_window(table.tasks, {}, {first_pull + window}).empty());
}

TEST(WindowBuilder, SumsUpWhatAllProcessesOfTheHostDid) {
    namespace host_field = rules::host_window;
    auto windows = builder();
    Table before;
    for (const std::uint32_t pid : {5u, 6u, 7u}) {
        before.process(pid);
        before.thread(pid, pid, 50 * second);
    }
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    for (const std::uint32_t pid : {5u, 6u, 7u, 8u}) after.process(pid);
    after.thread(5, 5, 58 * second);
    after.thread(6, 6, 51 * second);
    after.thread(7, 7, 50 * second + second / 100);
    after.thread(8, 8, 90 * second); // not seen before, though older: cannot be compared
    windows.close_window(after.tasks, {}, {first_pull + window});
    const Observation host = windows.host_window(2);
    EXPECT_EQ(host.type, ObservationType::host_window);
    EXPECT_EQ(host.time.ns, first_pull + window);
    EXPECT_EQ(host.integer(host_field::cpu_permille), 901);
    EXPECT_EQ(host.integer(host_field::cpus), 2);
    EXPECT_EQ(host.integer(host_field::processes), 4);
    EXPECT_EQ(host.integer(host_field::busy_processes), 2);
}

TEST(WindowBuilder, CountsCpuOfThreadsThatEnded) {
    auto windows = builder();
    Table before;
    before.process(5);
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    after.process(5).exited_runtime_ns = 9 * second;
    const auto observations = windows.close_window(after.tasks, {}, {first_pull + window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::cpu_permille), 900);
}

TEST(WindowBuilder, CountsAProcessThatBeganInTheWindowFromZero) {
    auto windows = builder();
    windows.close_window({}, {}, {first_pull});
    Table table;
    table.process(5, 1, first_pull + second);
    auto& thread = table.thread(5, 5, 4 * second, first_pull + second);
    thread.process_start_boottime_ns = first_pull + second;
    const auto observations = windows.close_window(table.tasks, {}, {first_pull + window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::cpu_permille), 400);
}

TEST(WindowBuilder, LeavesOutAWindowWithAnUnknownExec) {
    auto windows = builder();
    Table before;
    before.process(5, 1);
    before.thread(5, 5, 50 * second);
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    after.process(5, 2);
    after.thread(5, 5, 59 * second);
    EXPECT_TRUE(windows.close_window(after.tasks, {}, {first_pull + window}).empty());
    Table later;
    later.process(5, 2);
    later.thread(5, 5, 69 * second);
    const auto observations = windows.close_window(later.tasks, {}, {first_pull + 2 * window});
    ASSERT_FALSE(observations.empty());
    EXPECT_EQ(observations[0].image.image, 2u);
    EXPECT_EQ(observations[0].observation.integer(process_field::cpu_permille), 1000);
}

TEST(WindowBuilder, TreatsAReusedPidAsAnotherProcess) {
    auto windows = builder();
    Table before;
    before.process(5, 1, second);
    before.thread(5, 5, 50 * second);
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    after.process(5, 1, first_pull + second);
    auto& thread = after.thread(5, 5, 2 * second, first_pull + second);
    thread.process_start_boottime_ns = first_pull + second;
    const auto observations = windows.close_window(after.tasks, {}, {first_pull + window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::cpu_permille), 200);
}

TEST(WindowBuilder, ReportsEvennessAsLeastHotToHottestThread) {
    auto windows = builder();
    Table before;
    before.process(5);
    for (std::uint32_t id : {5u, 6u, 7u}) before.thread(5, id, second);
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    after.process(5);
    after.thread(5, 5, 9 * second);
    after.thread(5, 6, 7 * second);
    after.thread(5, 7, second + second / 10); // 10 permille: not hot
    const auto observations = windows.close_window(after.tasks, {}, {first_pull + window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::hot_threads), 2);
    EXPECT_EQ(process->integer(process_field::even_permille), 750);
    EXPECT_EQ(find(observations, ObservationType::thread_window, 7), nullptr);
}

TEST(WindowBuilder, ReportsReadAndWrittenBytesAsRates) {
    auto windows = builder();
    Table before;
    before.process(5);
    before.thread(5, 5, second);
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    after.process(5).exited_written_bytes = 10 << 20;
    auto& thread = after.thread(5, 5, 11 * second);
    thread.read_bytes = 20 << 20;
    thread.device_read_bytes = 5 << 20;
    thread.device_written_bytes = 10 << 20;
    const auto observations = windows.close_window(after.tasks, {}, {first_pull + window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::read_kib_per_s), 2048);
    EXPECT_EQ(process->integer(process_field::written_kib_per_s), 1024);
    EXPECT_EQ(process->integer(process_field::device_read_kib_per_s), 512);
    EXPECT_EQ(process->integer(process_field::device_written_kib_per_s), 1024);
    EXPECT_EQ(find(observations, ObservationType::thread_window, 5)
                  ->integer(thread_field::device_written_kib_per_s),
              1024);
    const auto footprint = windows.footprint({5, second, 1});
    ASSERT_TRUE(footprint);
    EXPECT_EQ(footprint->device_written_kib_per_s, 1024);
    EXPECT_EQ(footprint->resident_mib, 72);
    EXPECT_FALSE(windows.footprint({5, second, 2})) << "another image";
}

// Dirty pages of a file that is truncated never reach the device.
TEST(WindowBuilder, TakesOffWhatWasTruncatedBeforeItWasWritten) {
    auto windows = builder();
    Table before;
    before.process(5);
    before.thread(5, 5, second);
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    after.process(5).exited_device_written_bytes = -(8 << 20);
    after.thread(5, 5, 11 * second).device_written_bytes = 10 << 20;
    const auto rate = [&](std::uint64_t at) {
        const auto observations = windows.close_window(after.tasks, {}, {at});
        return find(observations, ObservationType::process_window)
            ->integer(process_field::device_written_kib_per_s);
    };
    EXPECT_EQ(rate(first_pull + window), 204);
    after.tasks.processes[0].exited_device_written_bytes = -(80 << 20);
    after.tasks.threads[0].runtime_ns += 9 * second;
    EXPECT_EQ(rate(first_pull + 2 * window), 0);
}

TEST(WindowBuilder, ReadsTheLargestMappingOnlyIfTheRoundingModeChanged) {
    int asked = 0;
    WindowBuilder windows([&asked](const rules::ImageKey&) {
        ++asked;
        return LargestRanges{std::uint64_t{2080} << 20, std::uint64_t{3000} << 20};
    });
    Table before;
    for (std::uint32_t pid : {5u, 6u}) {
        before.process(pid);
        before.thread(pid, pid, second);
    }
    windows.close_window(before.tasks, {}, {first_pull});
    FpModeCounts modes;
    for (std::uint64_t switches = 1; switches < 4; ++switches) {
        modes.add({{second, 1, 5, 0}, second, switches, 5, 0x5f80, abi::FP_RUNNABLE, 3, 0, 0});
        modes.add({{second, 1, 6, 0}, second, switches, 6, 0x1f80, abi::FP_RUNNABLE, 3, 0, 0});
    }
    Table after;
    for (std::uint32_t pid : {5u, 6u}) {
        after.process(pid);
        after.thread(pid, pid, 9 * second);
    }
    const auto observations = windows.close_window(after.tasks, modes, {first_pull + window});
    EXPECT_EQ(asked, 1);
    const Observation* moved = find(observations, ObservationType::thread_window, 5);
    const Observation* still = find(observations, ObservationType::thread_window, 6);
    ASSERT_NE(moved, nullptr);
    ASSERT_NE(still, nullptr);
    EXPECT_EQ(moved->integer(thread_field::largest_mapping_mib), 2080);
    EXPECT_EQ(moved->integer(thread_field::largest_range_mib), 3000);
    EXPECT_EQ(moved->integer(thread_field::fp_modes), 1);
    EXPECT_TRUE(
        std::holds_alternative<std::monostate>(still->values[thread_field::largest_mapping_mib]));
}

/// Process 5 becomes another program. What it used until then:
abi::process_exec_event exec(std::uint64_t at, std::uint64_t image, std::uint64_t runtime) {
    abi::process_exec_event event{};
    event.header.boottime_ns = at;
    event.subject = {second, image, 5, 0};
    event.runtime_ns = runtime;
    event.thread_runtime_ns = runtime;
    return event;
}

TEST(WindowBuilder, SplitsAWindowAtAnExec) {
    auto windows = builder();
    Table before;
    before.process(5, 1);
    before.thread(5, 5, 50 * second);
    windows.close_window(before.tasks, {}, {first_pull});
    const auto part =
        windows.on_exec({5, second, 1}, exec(first_pull + 4 * second, 2, 52 * second));
    ASSERT_EQ(part.size(), 1u);
    EXPECT_EQ(part[0].image, (rules::ImageKey{5, second, 1}));
    EXPECT_EQ(part[0].observation.integer(process_field::cpu_permille), 500); // 2 s in 4 s
    Table after;
    after.process(5, 2);
    after.thread(5, 5, 55 * second);
    const auto observations = windows.close_window(after.tasks, {}, {first_pull + window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::cpu_permille), 300); // its own 3 s in 10 s
    const Observation* thread = find(observations, ObservationType::thread_window, 5);
    ASSERT_NE(thread, nullptr);
    EXPECT_EQ(thread->integer(thread_field::cpu_permille), 300);
}

TEST(WindowBuilder, ReportsNoPartForAnExecRightAfterThePull) {
    auto windows = builder();
    Table before;
    before.process(5, 1);
    before.thread(5, 5, 50 * second);
    windows.close_window(before.tasks, {}, {first_pull});
    EXPECT_TRUE(
        windows
            .on_exec({5, second, 1}, exec(first_pull + second / 10, 2, 50 * second + second / 10))
            .empty());
}

TEST(WindowBuilder, IgnoresAnExecEventAfterThePullThatSawIt) {
    auto windows = builder();
    Table before;
    before.process(5, 1);
    before.thread(5, 5, 50 * second);
    windows.close_window(before.tasks, {}, {first_pull});
    Table seen;
    seen.process(5, 2);
    seen.thread(5, 5, 55 * second);
    EXPECT_TRUE(windows.close_window(seen.tasks, {}, {first_pull + window}).empty());
    EXPECT_TRUE(windows.on_exec({5, second, 1}, exec(first_pull + window, 2, 53 * second)).empty());
    Table after;
    after.process(5, 2);
    after.thread(5, 5, 57 * second);
    const auto observations = windows.close_window(after.tasks, {}, {first_pull + 2 * window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::cpu_permille), 200);
}

TEST(WindowBuilder, IncludesEndedThreadsInTheTotals) {
    auto windows = builder();
    Table before;
    before.process(5).exited_runtime_ns = 100 * second;
    windows.close_window(before.tasks, {}, {first_pull});
    Table after;
    after.process(5).exited_runtime_ns = 106 * second; // workers of the window
    after.thread(5, 99, 3 * second, first_pull + 7 * second);
    const auto observations = windows.close_window(after.tasks, {}, {first_pull + window});
    const Observation* process = find(observations, ObservationType::process_window);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->integer(process_field::cpu_permille), 900);
    EXPECT_EQ(windows.cpu_permille({5, second, 1}), 900);
}

TEST(WindowBuilder, KnowsWhatWasCountedOfAThreadUntilItsEndIsReported) {
    auto windows = builder();
    Table first;
    first.process(5);
    first.thread(5, 99, 2 * second, 95 * second);
    windows.close_window(first.tasks, {}, {first_pull});
    EXPECT_EQ(windows.counted_ns(99, 95 * second), 2 * second);
    EXPECT_EQ(windows.counted_ns(99, 96 * second), 0u);
    Table second_pull;
    second_pull.process(5);
    windows.close_window(second_pull.tasks, {}, {first_pull + window});
    EXPECT_EQ(windows.counted_ns(99, 95 * second), 2 * second); // its event can still arrive
    windows.close_window(second_pull.tasks, {}, {first_pull + 2 * window});
    EXPECT_EQ(windows.counted_ns(99, 95 * second), 0u);
}

} // namespace
} // namespace minewarden::agent
