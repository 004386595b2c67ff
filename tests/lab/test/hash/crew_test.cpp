// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/crew.h"

#include <gtest/gtest.h>

#include <ctime>
#include <thread>

namespace minewarden::lab {
namespace {

using namespace std::chrono_literals;

/// Uses about one millisecond of CPU time per round.
class Burner : public Hasher {
  public:
    explicit Burner(std::uint64_t rounds = UINT64_MAX) : rounds_(rounds) {}
    std::optional<std::uint64_t> round() override {
        if (rounds_-- == 0) return std::nullopt;
        const auto end = thread_cpu() + 1ms;
        while (thread_cpu() < end) {
        }
        return 3;
    }

  private:
    static std::chrono::nanoseconds thread_cpu() {
        timespec now{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    }
    std::uint64_t rounds_;
};

TEST(Crew, CountsTheHashesOfEveryThread) {
    EventLog events([](std::string_view) {});
    std::vector<std::unique_ptr<Hasher>> crew;
    crew.push_back(std::make_unique<Burner>(5));
    crew.push_back(std::make_unique<Burner>(2));
    HashTotals totals;
    const Stop stop(60s);
    run_crew(std::move(crew), {}, totals, events, stop);
    EXPECT_EQ(totals.per_thread, (std::vector<std::uint64_t>{15, 6}));
    EXPECT_FALSE(stop.requested()) << "the crew ends when all are done";
    crew.clear();
    crew.push_back(std::make_unique<Burner>(1));
    run_crew(std::move(crew), {}, totals, events, stop);
    EXPECT_EQ(totals.per_thread, (std::vector<std::uint64_t>{18, 6}));
}

TEST(Crew, SleepsForTheRestOfThePeriod) {
    EventLog events([](std::string_view) {});
    std::vector<std::unique_ptr<Hasher>> crew;
    crew.push_back(std::make_unique<Burner>());
    HashTotals totals;
    const Stop stop(1200ms);
    run_crew(std::move(crew), {.duty_percent = 20, .yield = true}, totals, events, stop);
    // At most 7 stretches of 40 ms plus one round, on any machine.
    EXPECT_LE(totals.per_thread[0], 3U * 7 * 42);
    EXPECT_GT(totals.per_thread[0], 0U);
}

} // namespace
} // namespace minewarden::lab
