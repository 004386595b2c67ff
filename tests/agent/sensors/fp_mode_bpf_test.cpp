// SPDX-License-Identifier: Apache-2.0
#include "agent/windows/fp_mode_counts.h"
#include "tests/agent/sensors/bpf_fixture.h"

#include <atomic>
#include <xmmintrin.h>

namespace minewarden::agent {
namespace {

class FpModeBpfTest : public BpfTest {
  protected:
    /// The start times that the sensor asks for, of threads that ran too little for the hot scan.
    static std::uint64_t start_of(std::uint32_t thread_id, Sensors& sensors) {
        TaskTable table;
        EXPECT_TRUE(sensors.tasks()->pull(table));
        for (const abi::thread_record& thread : table.threads)
            if (thread.thread_id == thread_id) return thread.start_boottime_ns;
        return 0;
    }
    std::vector<abi::fp_mode_record> sample() {
        const auto samples = sensors_->fp_modes()->sample();
        EXPECT_TRUE(samples);
        return {samples->begin(), samples->end()};
    }
};

/// Spins long enough to be listed by the pull, with this control word.
std::uint32_t spin(unsigned control_word, std::atomic<bool>& stop, std::atomic<std::uint32_t>& id) {
    id = static_cast<std::uint32_t>(::gettid());
    _mm_setcsr(control_word);
    volatile std::uint64_t work = 0;
    for (std::uint64_t i = 0; !stop; ++i) {
        work = work + i;
        if (i % 65536 == 0) ::sched_yield();
    }
    _mm_setcsr(0x1f80);
    return static_cast<std::uint32_t>(work);
}

TEST_F(FpModeBpfTest, TheRoundingModeOfEachThreadIsReadFromItsSavedState) {
    std::atomic<bool> stop = false;
    std::array<std::atomic<std::uint32_t>, 2> ids{};
    std::thread down(spin, 0x3f80u, std::ref(stop), std::ref(ids[0]));
    std::thread nearest(spin, 0x1f80u, std::ref(stop), std::ref(ids[1]));
    std::vector<ThreadKey> keys;
    EXPECT_TRUE(drain_until([&] {
        keys.clear();
        for (const auto& id : ids) {
            if (const std::uint64_t start = start_of(id, *sensors_); start != 0)
                keys.push_back({id, start});
        }
        return keys.size() == 2;
    }));
    EXPECT_TRUE(sensors_->fp_modes()->watch(keys));
    FpModeCounts counts;
    for (int i = 0; i < 20; ++i) {
        counts.add(sample());
        ::usleep(20'000);
    }
    stop = true;
    down.join();
    nearest.join();
    EXPECT_GE(counts.of(ids[0]).samples, 5u);
    EXPECT_EQ(counts.of(ids[0]).nondefault, counts.of(ids[0]).samples);
    EXPECT_EQ(counts.of(ids[0]).other_modes(), 1);
    EXPECT_GE(counts.of(ids[1]).samples, 5u);
    EXPECT_EQ(counts.of(ids[1]).nondefault, 0u);
}

TEST_F(FpModeBpfTest, ManyThreadsAreReadInOnePass) {
    constexpr std::size_t count = 24; // more than the single-thread iterators serve
    std::atomic<bool> stop = false;
    std::array<std::atomic<std::uint32_t>, count> ids{};
    std::vector<std::thread> threads;
    for (auto& id : ids) threads.emplace_back(spin, 0x5f80u, std::ref(stop), std::ref(id));
    std::vector<ThreadKey> keys;
    drain_until([&] {
        keys.clear();
        for (const auto& id : ids) {
            if (const std::uint64_t start = start_of(id, *sensors_); start != 0)
                keys.push_back({id, start});
        }
        return keys.size() >= 12;
    });
    EXPECT_TRUE(sensors_->fp_modes()->watch(keys));
    const auto samples = sample();
    stop = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(samples.size(), keys.size());
    for (const abi::fp_mode_record& record : samples) EXPECT_EQ(record.control_word >> 13 & 3, 2u);
}

TEST_F(FpModeBpfTest, AReusedThreadIdIsNotTakenForTheWatchedThread) {
    const std::array<ThreadKey, 1> wrong{
        {{static_cast<std::uint32_t>(::gettid()), 12345}}}; // another start time
    ASSERT_TRUE(sensors_->fp_modes()->watch(wrong));
    EXPECT_TRUE(sample().empty());
}

TEST_F(FpModeBpfTest, AThreadThatEndedIsNoError) {
    std::atomic<bool> stop = false;
    std::atomic<std::uint32_t> id = 0;
    std::thread worker(spin, 0x1f80u, std::ref(stop), std::ref(id));
    std::uint64_t start = 0;
    EXPECT_TRUE(drain_until([&] { return (start = start_of(id, *sensors_)) != 0; }));
    const std::array<ThreadKey, 1> key{{{id, start}}};
    ASSERT_TRUE(sensors_->fp_modes()->watch(key));
    EXPECT_EQ(sample().size(), 1u);
    stop = true;
    worker.join();
    EXPECT_TRUE(sample().empty());
}

} // namespace
} // namespace minewarden::agent
