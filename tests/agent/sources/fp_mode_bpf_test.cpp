// SPDX-License-Identifier: Apache-2.0
#include "agent/sources/fp_mode/fp_mode_sampler.h"
#include "tests/agent/sources/bpf_fixture.h"

#include <array>
#include <atomic>
#include <map>
#include <set>
#include <xmmintrin.h>

namespace minewarden::agent {
namespace {

constexpr unsigned nearest = 0x1f80;
constexpr unsigned down = 0x3f80;
constexpr unsigned up = 0x5f80;
constexpr unsigned up_flushed = 0xdfc0;

/// Threads of this process that compute in one rounding mode until they are stopped.
class Workers {
  public:
    /// With `waits`, each worker returns to the default mode and sleeps for a moment every
    /// millisecond, like a miner that builds blocks or waits for jobs between its hashes. On an
    /// emulated machine both times are longer.
    Workers(std::size_t count, unsigned control_word, bool waits = false) : ids_(count) {
        for (std::size_t i = 0; i < count; ++i)
            threads_.emplace_back(
                [this, i, control_word, waits] { work(ids_[i], control_word, waits); });
    }
    ~Workers() { stop(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    void stop() {
        stop_ = true;
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
    }
    [[nodiscard]] std::uint32_t id(std::size_t i) const { return ids_[i]; }
    [[nodiscard]] std::size_t count() const { return ids_.size(); }

  private:
    void work(std::atomic<std::uint32_t>& id, unsigned control_word, bool waits) {
        id = static_cast<std::uint32_t>(::gettid());
        while (!stop_) {
            _mm_setcsr(control_word);
            const auto end =
                std::chrono::steady_clock::now() + std::chrono::milliseconds(time_scale());
            while (std::chrono::steady_clock::now() < end) {
            }
            if (!waits) continue;
            _mm_setcsr(nearest);
            ::usleep(50u * static_cast<unsigned>(time_scale()));
        }
        _mm_setcsr(nearest);
    }

    std::vector<std::atomic<std::uint32_t>> ids_;
    std::atomic<bool> stop_ = false;
    std::vector<std::thread> threads_;
};

class FpModeBpfTest : public BpfTest {
  protected:
    void SetUp() override {
        BpfTest::SetUp();
        if (!IsSkipped() && !HasFatalFailure()) source_ = &sources_->get<FpModeSource>();
    }
    /// Waits until the pull lists the workers, which takes 50 ms of CPU each.
    std::vector<ThreadKey> keys_of(const Workers& workers) {
        std::vector<ThreadKey> keys;
        drain_until([&] {
            TaskTable table;
            EXPECT_TRUE(sources_->get<TaskSource>().pull(table));
            keys.clear();
            for (std::size_t i = 0; i < workers.count(); ++i) {
                for (const abi::thread_record& thread : table.threads)
                    if (thread.thread_id == workers.id(i))
                        keys.push_back({workers.id(i), thread.start_boottime_ns});
            }
            return keys.size() == workers.count();
        });
        return keys;
    }
    /// Adds the modes of the threads of this process since the last call.
    static void add(std::map<std::uint32_t, FpModeCount>& sums, const FpModeCounts& counts) {
        for (const ThreadModes& thread : counts.threads()) {
            EXPECT_EQ(thread.image.pid, static_cast<std::uint32_t>(::getpid()));
            sums[thread.thread_id] += thread.count;
        }
    }
    /// What the sampler finds out about each thread, by its id, in as long as it takes until
    /// `enough` holds for each. On a busy machine most looks find a thread that did not run since
    /// the last.
    std::map<std::uint32_t, FpModeCount>
    sample_until(const std::function<bool(const FpModeCount&)>& enough,
                 const std::vector<ThreadKey>& keys) {
        FpModeSampler sampler(*source_);
        sampler.watch(keys);
        std::map<std::uint32_t, FpModeCount> sums;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        do {
            std::this_thread::sleep_for(std::chrono::milliseconds(250));
            add(sums, sampler.take_window());
        } while (std::chrono::steady_clock::now() < end &&
                 !std::ranges::all_of(
                     keys, [&](const ThreadKey& key) { return enough(sums[key.thread_id]); }));
        PlaceCounts counts;
        source_->count(counts);
        EXPECT_EQ(counts[Place::fp_sample_skipped], 0u);
        return sums;
    }
    static bool has_eight(const FpModeCount& count) { return count.samples >= 8; }

    FpModeSource* source_ = nullptr;
};

TEST_F(FpModeBpfTest, ReadsRoundingModeAndFlushedDenormalsOfComputingThreads) {
    const Workers rounding(1, down);
    const Workers flushing(1, up_flushed);
    std::vector<ThreadKey> keys = keys_of(rounding);
    ASSERT_EQ(keys.size(), 1u);
    keys.push_back(keys_of(flushing).at(0));
    const auto counts = sample_until(has_eight, keys);
    const FpModeCount count = counts.at(rounding.id(0));
    EXPECT_GE(count.samples, 8u);
    EXPECT_EQ(count.nondefault, count.samples);
    EXPECT_EQ(count.other_modes(), 1);
    EXPECT_EQ(count.flushed, 0u);
    const FpModeCount flushed = counts.at(flushing.id(0));
    EXPECT_GE(flushed.samples, 8u);
    EXPECT_EQ(flushed.flushed, flushed.samples);
}

TEST_F(FpModeBpfTest, ReadsTheDefaultMode) {
    const Workers workers(2, nearest);
    const auto keys = keys_of(workers);
    ASSERT_EQ(keys.size(), 2u);
    const auto counts = sample_until(has_eight, keys);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_GE(counts.at(workers.id(i)).samples, 8u);
        EXPECT_EQ(counts.at(workers.id(i)).nondefault, 0u);
    }
}

TEST_F(FpModeBpfTest, SamplesAThreadAtItsWorkThatWaitsInTheDefaultMode) {
    const Workers workers(1, up, true);
    const auto keys = keys_of(workers);
    ASSERT_EQ(keys.size(), 1u);
    const FpModeCount count =
        sample_until(
            [](const FpModeCount& sum) { return sum.nondefault >= 6 || sum.samples >= 96; }, keys)
            .at(workers.id(0));
    // It computes for 95 % of the time, and about every second look sees that. On a machine with
    // three busy programs for each CPU it is one of 3 to 24, and without visits one of 72.
    EXPECT_GE(count.nondefault, 6u) << "of " << count.samples;
}

TEST_F(FpModeBpfTest, ReadsManyThreadsInOnePass) {
    Workers workers(12, up);
    const auto keys = keys_of(workers);
    ASSERT_EQ(keys.size(), 12u);
    ASSERT_TRUE(source_->watch(keys));
    const auto records = source_->read_all();
    ASSERT_TRUE(records);
    EXPECT_EQ(records->size(), keys.size());
    for (const abi::fp_mode_record& record : *records) {
        EXPECT_EQ(record.control_word >> 13 & 3, 2u);
        EXPECT_NE(record.flags & abi::FP_RUNNABLE, 0u);
        EXPECT_NE(record.layout, static_cast<std::uint32_t>(abi::FP_LAYOUT_UNKNOWN));
    }
}

TEST_F(FpModeBpfTest, SamplesThreadsOfAFifthOfASecondThroughTheirProcess) {
    TaskTable table;
    ASSERT_TRUE(sources_->get<TaskSource>().pull(table));
    const auto own = static_cast<std::uint32_t>(::getpid());
    std::vector<ThreadKey> processes;
    for (const abi::process_record& record : table.processes)
        if (record.subject.pid == own) processes.push_back({own, record.subject.start_boottime_ns});
    ASSERT_EQ(processes.size(), 1u);
    FpModeSampler sampler(*source_);
    sampler.watch({}, processes);
    // Under emulation a round of the sampler alone takes a fifth of a second.
    const bool slow = time_scale() > 1;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    FpModeCount sum;
    std::set<std::uint32_t> sampled;
    while (sampled.size() < 4 && std::chrono::steady_clock::now() < end) {
        Workers brief(1, up);
        std::this_thread::sleep_for(std::chrono::milliseconds(slow ? 800 : 200));
        for (const ThreadModes& thread : sampler.take_window().threads()) {
            if (thread.thread_id != brief.id(0)) continue;
            sum += thread.count;
            sampled.insert(thread.thread_id);
        }
    }
    EXPECT_EQ(sampled.size(), 4u); // different threads
    EXPECT_GE(sum.nondefault * 10, sum.samples * 8);
}

TEST_F(FpModeBpfTest, DoesNotConfuseAReusedThreadId) {
    const std::array<ThreadKey, 1> wrong{
        {{static_cast<std::uint32_t>(::gettid()), 12345}}}; // another start time
    ASSERT_TRUE(source_->watch(wrong));
    EXPECT_TRUE(source_->read_all()->empty());
    EXPECT_FALSE(source_->read_one(wrong[0]));
}

TEST_F(FpModeBpfTest, AcceptsAThreadThatHasEnded) {
    Workers workers(1, nearest);
    const auto keys = keys_of(workers);
    ASSERT_EQ(keys.size(), 1u);
    ASSERT_TRUE(source_->watch(keys));
    EXPECT_EQ(source_->read_all()->size(), 1u);
    EXPECT_EQ(source_->read_one(keys[0]).has_value(), source_->can_read_one());
    workers.stop();
    // A thread can be joined a moment before the kernel has finished with it.
    EXPECT_TRUE(drain_until([&] { return source_->read_all()->empty(); }));
    EXPECT_FALSE(source_->read_one(keys[0]));
}

TEST_F(FpModeBpfTest, EndsASamplerThatWaits) {
    FpModeSampler sampler(*source_);
    sampler.watch({});
    EXPECT_TRUE(sampler.take_window().threads().empty());
}

} // namespace
} // namespace minewarden::agent
