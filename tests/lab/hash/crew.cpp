// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/crew.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <sched.h>
#include <thread>
#include <unistd.h>

namespace minewarden::lab {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr nanoseconds period = std::chrono::milliseconds(200);

/// Sleeps after each stretch of work to keep the requested share, even if one hash takes longer
/// than the period. Uses only integers, because RandomX changes the rounding mode.
class DutyCycle {
  public:
    DutyCycle(unsigned percent, const Stop& stop) : percent_(percent), stop_(stop) {}

    void after_round() {
        if (percent_ >= 100) return;
        const nanoseconds worked = steady_clock::now() - start_;
        if (worked < period * percent_ / 100) return;
        stop_.sleep(worked * (100 - percent_) / percent_);
        start_ = steady_clock::now();
    }

  private:
    unsigned percent_;
    const Stop& stop_;
    steady_clock::time_point start_ = steady_clock::now();
};

void work(Hasher& hasher, const Pace& pace, std::uint64_t& hashes, const Stop& stop) {
    DutyCycle duty(pace.duty_percent, stop);
    while (!stop.requested()) {
        const auto done = hasher.round();
        if (!done) return;
        hashes += *done;
        if (pace.yield) ::sched_yield();
        duty.after_round();
    }
}

} // namespace

void run_crew(std::vector<std::unique_ptr<Hasher>> hashers, const Pace& pace, HashTotals& totals,
              EventLog& events, const Stop& stop) {
    const auto start = steady_clock::now();
    std::vector<std::uint64_t> hashes(hashers.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < hashers.size(); ++i) {
            threads.emplace_back([&, i, hasher = std::move(hashers[i])] {
                events.emit("hashing_started", {{"worker", i}, {"tid", ::gettid()}});
                std::uint64_t count = 0; // on the stack, so that threads share no cache line
                work(*hasher, pace, count, stop);
                hashes[i] = count;
            });
        }
    }
    totals.seconds += std::chrono::duration<double>(steady_clock::now() - start).count();
    totals.per_thread.resize(std::max(totals.per_thread.size(), hashes.size()));
    std::ranges::transform(hashes, totals.per_thread, totals.per_thread.begin(), std::plus{});
}

void emit_hash_rate(const HashTotals& totals, EventLog& events) {
    const auto hashes =
        std::accumulate(totals.per_thread.begin(), totals.per_thread.end(), std::uint64_t{0});
    const double rate = totals.seconds > 0 ? static_cast<double>(hashes) / totals.seconds : 0;
    events.emit("hash_rate", {{"hashes", hashes},
                              {"seconds", totals.seconds},
                              {"hashes_per_second", rate},
                              {"per_thread", totals.per_thread}});
}

} // namespace minewarden::lab
