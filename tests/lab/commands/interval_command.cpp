// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/commands/subcommand.h"

#include <boost/numeric/interval.hpp>

#include <algorithm>
#include <unistd.h>

namespace minewarden::lab {
namespace {

namespace policies = boost::numeric::interval_lib;

/// Rounds each lower bound down and each upper bound up, and returns to nearest in between. (By
/// default the library keeps one mode and negates.)
using Interval = boost::numeric::interval<
    double, policies::policies<policies::save_state<policies::rounded_arith_std<double>>,
                               policies::checking_base<double>>>;

void declare(CommandLine&) {
}

Result<void> run(const CommandLine&, EventLog& events, Stop& stop) {
    constexpr int steps = 100'000;
    std::uint64_t fractions = 0;
    double widest = 0;
    events.emit("computing_started", {{"tid", ::gettid()}});
    for (; !stop.requested(); ++fractions) {
        // Encloses 1 / (a + 1 / (a + ...)).
        const Interval a(1 + static_cast<double>(fractions % 1000) / 1000);
        Interval x(1);
        for (int step = 0; step < steps; ++step) x = Interval(1) / (a + x);
        widest = std::max(widest, width(x));
    }
    events.emit("finished",
                {{"reason", stop.reason()}, {"fractions", fractions}, {"widest", widest}});
    return {};
}

} // namespace

const Subcommand interval_command{
    "interval", "interval arithmetic: legitimate work that constantly rounds up and down",
    "Encloses continued fractions with Boost.Interval, rounding every lower bound down and every\n"
    "upper bound up. Of the four rounding modes it uses three, RandomX all four. A detector\n"
    "must not report it as a miner.",
    declare, run};

} // namespace minewarden::lab
