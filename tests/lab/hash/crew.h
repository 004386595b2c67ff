// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/run/event_log.h"
#include "tests/lab/run/stop.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace minewarden::lab {

/// The work of one thread. Made by one thread, then used and destroyed by another.
class Hasher {
  public:
    virtual ~Hasher() = default;
    /// Some hashes, for a few milliseconds where the algorithm allows: how many. nullopt: this
    /// thread has no more to do.
    virtual std::optional<std::uint64_t> round() = 0;
};

struct Pace {
    unsigned duty_percent = 100; ///< of time spent working, the rest asleep, in turns of 200 ms
    bool yield = true;           ///< sched_yield(2) after each round, as xmrig does by default
};

struct HashTotals {
    std::vector<std::uint64_t> per_thread;
    double seconds = 0; ///< from the first hash to the end
};

/// One thread per hasher until the stop, or until all are done. Tells when each thread begins its
/// first hash. Called again (after a new key), it adds to the totals.
void run_crew(std::vector<std::unique_ptr<Hasher>> hashers, const Pace& pace, HashTotals& totals,
              EventLog& events, const Stop& stop);

/// The event at the end.
void emit_hash_rate(const HashTotals& totals, EventLog& events);

} // namespace minewarden::lab
