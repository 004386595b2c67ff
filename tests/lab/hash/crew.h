// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/run/event_log.h"
#include "tests/lab/run/stop.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace minewarden::lab {

/// The work of one thread. Created in one thread, used and destroyed in another.
class Hasher {
  public:
    virtual ~Hasher() = default;
    /// Computes some hashes, for a few milliseconds if possible, and returns their number. nullopt:
    /// this thread is done.
    virtual std::optional<std::uint64_t> round() = 0;
};

struct Pace {
    unsigned duty_percent = 100; ///< share of time spent working, in periods of 200 ms
    bool yield = true;           ///< sched_yield(2) after each round, as xmrig does by default
};

struct HashTotals {
    std::vector<std::uint64_t> per_thread;
    double seconds = 0; ///< from the first hash to the end
};

/// Runs one thread per hasher until the stop, or until all are done. Emits an event before the
/// first hash of each thread. Repeated calls (after a new key) add to the totals.
void run_crew(std::vector<std::unique_ptr<Hasher>> hashers, const Pace& pace, HashTotals& totals,
              EventLog& events, const Stop& stop);

/// Emits the event at the end.
void emit_hash_rate(const HashTotals& totals, EventLog& events);

} // namespace minewarden::lab
