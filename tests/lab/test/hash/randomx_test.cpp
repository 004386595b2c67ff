// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/hash/copying_hasher.h"
#include "tests/lab/hash/counter_hasher.h"
#include "tests/lab/hash/randomx_vm.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>

namespace minewarden::lab {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view key = "test key 000";
constexpr std::string_view input = "This is a test";
constexpr std::string_view expected =
    "639183aae1bf4c9a35884cb46b09cad9175f04efd7684e7262a0ac1c2f0b4e3f";

/// Differs between the four rounding modes. Uses arithmetic, because fegetround(3) reads the x87
/// control word on x86-64, but RandomX changes the SSE one.
std::array<double, 3> rounding() {
    volatile double one = 1;
    volatile double two = 2;
    volatile double three = 3;
    return {one / three, two / three, -one / three};
}

class Randomx : public testing::Test {
  protected:
    RandomxVm make_machine(const RandomxSettings& settings) {
        const auto memory = RandomxMemory::build(settings, as_bytes(key), events_, stop_);
        EXPECT_TRUE(memory) << memory.error().message;
        auto machine = RandomxVm::create(*memory);
        EXPECT_TRUE(machine) << machine.error().message;
        return std::move(*machine);
    }

    EventLog events_{[](std::string_view) {}};
    Stop stop_{600s};
};

TEST_F(Randomx, LightModeGivesTheKnownHash) {
    for (const bool jit : {true, false}) {
        RandomxVm machine = make_machine({.jit = jit});
        EXPECT_EQ(to_hex(machine.hash(as_bytes(input))), expected) << "jit " << jit;
    }
    RandomxVm machine = make_machine({.secure_jit = true});
    EXPECT_EQ(to_hex(machine.hash(as_bytes(input))), expected);
}

TEST_F(Randomx, CopyingBesideItHashesAsWell) {
    CopyingHasher hasher(std::make_unique<CounterHasher>(make_machine({}), 0), 64 << 10);
    std::thread([&] { EXPECT_EQ(hasher.round(), 1U); }).join();
}

TEST_F(Randomx, AChainGivesTheSameHashes) {
    RandomxVm machine = make_machine({});
    const Hash second = machine.hash(as_bytes("second"));
    // Use a separate thread: the chain leaves the rounding mode changed.
    std::thread([&] {
        machine.begin(as_bytes(input));
        const Hash first = machine.next(as_bytes("second"));
        const Hash next = machine.next(as_bytes("third"));
        EXPECT_EQ(to_hex(first), expected);
        EXPECT_EQ(next, second);
    }).join();
}

TEST_F(Randomx, OneHashKeepsTheRoundingMode) {
    RandomxVm machine = make_machine({});
    const auto before = rounding();
    for (const char* text : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
        (void)machine.hash(as_bytes(text));
        EXPECT_EQ(rounding(), before);
    }
}

TEST_F(Randomx, AChainKeepsTheRoundingModeOfItsPrograms) {
    RandomxVm machine = make_machine({});
    std::set<std::array<double, 3>> seen;
    std::thread([&] {
        machine.begin(as_bytes("0"));
        for (int i = 1; i <= 40; ++i) {
            (void)machine.next(as_bytes(std::to_string(i)));
            seen.insert(rounding());
        }
    }).join();
    EXPECT_GE(seen.size(), 3U);
}

TEST_F(Randomx, AStopInterruptsFillingADataSet) {
    Stop stop(1ms);
    std::this_thread::sleep_for(2ms);
    const auto memory = RandomxMemory::build({.full = true}, as_bytes(key), events_, stop);
    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().message, "stopped before the RandomX data set was filled");
}

TEST_F(Randomx, CountersDifferBetweenWorkers) {
    const auto memory = RandomxMemory::build({}, as_bytes(key), events_, stop_);
    ASSERT_TRUE(memory);
    std::vector<std::unique_ptr<Hasher>> crew;
    for (unsigned i = 0; i < 2; ++i)
        crew.push_back(std::make_unique<CounterHasher>(std::move(*RandomxVm::create(*memory)), i));
    int started = 0;
    EventLog events([&](std::string_view line) {
        if (line.find("hashing_started") != std::string_view::npos) ++started;
    });
    HashTotals totals;
    const Stop stop(300ms);
    run_crew(std::move(crew), {}, totals, events, stop);
    ASSERT_EQ(totals.per_thread.size(), 2U);
    EXPECT_GT(totals.per_thread[0] + totals.per_thread[1], 0U);
    EXPECT_EQ(started, 2);
}

} // namespace
} // namespace minewarden::lab
