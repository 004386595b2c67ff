// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/hash/crew.h"
#include "tests/lab/hash/randomx_memory.h"

#include <chrono>

namespace minewarden::lab {

/// RandomX in short-lived workers, as a miner could use them to avoid observation of its threads.
/// All end at the stop, or with the process.

/// Runs `count` threads and replaces each by a new one after `life`.
Result<void> run_replaced_threads(std::shared_ptr<const RandomxMemory> memory, unsigned count,
                                  std::chrono::milliseconds life, const Pace& pace,
                                  HashTotals& totals, EventLog& events, const Stop& stop);

/// Runs `count` children, forked without exec, and replaces each by a new one after `life`.
/// REQUIRES: the calling thread is the only one.
Result<void> run_forked_batches(std::shared_ptr<const RandomxMemory> memory, unsigned count,
                                std::chrono::milliseconds life, const Pace& pace,
                                HashTotals& totals, EventLog& events, const Stop& stop);

/// Starts a chain: each child hashes for `life`, forks the next one and ends. The chain ends at the
/// deadline of the stop, or if the running child gets a signal.
/// REQUIRES: the calling thread is the only one.
Result<void> begin_fork_chain(std::shared_ptr<const RandomxMemory> memory,
                              std::chrono::milliseconds life, const Pace& pace, EventLog& events,
                              const Stop& stop);

} // namespace minewarden::lab
