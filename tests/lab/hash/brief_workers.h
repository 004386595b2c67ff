// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/hash/crew.h"
#include "tests/lab/hash/randomx_memory.h"

#include <chrono>

namespace minewarden::lab {

/// RandomX by workers that do not live long, as a miner would to leave no thread that can be
/// watched for long. All end at the stop, or with the process.

/// Each of `count` threads is replaced by a new one after `life`.
Result<void> run_replaced_threads(std::shared_ptr<const RandomxMemory> memory, unsigned count,
                                  std::chrono::milliseconds life, const Pace& pace,
                                  HashTotals& totals, EventLog& events, const Stop& stop);

/// Each of `count` children, forked without an exec, is replaced by a new one after `life`.
/// REQUIRES: the calling thread is the only one.
Result<void> run_forked_batches(std::shared_ptr<const RandomxMemory> memory, unsigned count,
                                std::chrono::milliseconds life, const Pace& pace,
                                HashTotals& totals, EventLog& events, const Stop& stop);

/// Each child hashes for `life`, forks the next and ends; the caller only begins the chain. Ends at
/// the stop's deadline; a signal ends it if sent to the member that runs. REQUIRES as above.
Result<void> begin_fork_chain(std::shared_ptr<const RandomxMemory> memory,
                              std::chrono::milliseconds life, const Pace& pace, EventLog& events,
                              const Stop& stop);

} // namespace minewarden::lab
