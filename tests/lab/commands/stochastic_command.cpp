// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/subcommand.h"

#include <algorithm>
#include <array>
#include <immintrin.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace minewarden::lab {
namespace {

// Bits of MXCSR (Intel SDM volume 1, 10.2.3): all exceptions masked, FTZ and DAZ; the rounding
// mode.
constexpr unsigned masked_and_flushing = 0x9fc0;
constexpr unsigned masked = 0x1f80;
constexpr unsigned mode_shift = 13;
constexpr std::size_t numbers_per_mib = (1U << 20) / sizeof(double);
constexpr std::size_t block = 4096; ///< numbers between two changes of the mode

/// Which mode comes next: xorshift, or one after the other.
class Modes {
  public:
    Modes(bool random, std::uint64_t seed) : random_(random), state_(seed * 2 + 1) {}
    unsigned next() {
        if (!random_) return static_cast<unsigned>(++state_ % 4);
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return static_cast<unsigned>(state_ >> 40U) % 4;
    }

  private:
    bool random_;
    std::uint64_t state_;
};

/// A sum of the data whose every block is rounded in another mode.
double sum_in_modes(const std::vector<double>& data, Modes& modes, unsigned control) {
    double sum = 0;
    for (std::size_t at = 0; at < data.size(); at += block) {
        _mm_setcsr(control | modes.next() << mode_shift);
        const std::size_t end = std::min(at + block, data.size());
        for (std::size_t i = at; i < end; ++i) sum += data[i] / 3.0;
    }
    _mm_setcsr(masked);
    return sum;
}

void declare(CommandLine& line) {
    line.number("memory", 300, 1, 65536, "MiB of data, in one array")
        .number("threads", 1, 1, 255, "threads, which share the data")
        .choice("order", {"random", "turn"}, "random", "how the rounding modes follow each other")
        .flag("keep-denormals", "do not flush denormals to zero");
}

Result<void> run(const CommandLine& line, EventLog& events, Stop& stop) {
    std::vector<double> data(static_cast<std::size_t>(line.number("memory")) * numbers_per_mib);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = 1.0 / static_cast<double>(i + 1);
    const unsigned control = line.has("keep-denormals") ? masked : masked_and_flushing;
    const bool random = line.text("order") == "random";
    const auto work = [&](std::uint64_t worker) {
        Modes modes(random, worker + 1);
        std::uint64_t sums = 0;
        double widest = 0;
        events.emit("computing_started", {{"tid", ::gettid()}});
        while (!stop.requested()) {
            // CESTAC: the digits in which three sums agree are significant.
            std::array<double, 3> each{};
            for (double& sum : each) sum = sum_in_modes(data, modes, control);
            const auto [least, most] = std::ranges::minmax(each);
            widest = std::max(widest, most - least);
            sums += each.size();
        }
        events.emit("spread", {{"sums", sums}, {"widest", widest}});
    };
    {
        std::vector<std::jthread> threads;
        for (std::int64_t i = 1; i < line.number("threads"); ++i)
            threads.emplace_back(work, static_cast<std::uint64_t>(i));
        work(0);
    }
    events.emit("finished", {{"reason", stop.reason()}});
    return {};
}

} // namespace

const Subcommand stochastic_command{
    "stochastic", "stochastic arithmetic: legitimate work in rounding modes drawn at random",
    "Estimates how exact a sum is, by computing it three times with each part rounded in another\n"
    "mode, drawn at random or in turn, with denormals flushed to zero and a large array. Its\n"
    "rounding modes look like those of RandomX. A detector may suspect it, and no more.",
    declare, run};

} // namespace minewarden::lab
