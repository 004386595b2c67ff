// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/hash/crew.h"
#include "tests/lab/hash/randomx_memory.h"
#include "tests/lab/hash/work_exchange.h"

namespace minewarden::lab {

/// Hashes the exchange's jobs with RandomX until the stop, and offers the shares that meet their
/// target. Fills the memory anew when a job has another seed. Fails for want of memory, or if a
/// job asks for another algorithm than rx/0.
Result<void> mine_monero(const RandomxSettings& settings, unsigned threads, const Pace& pace,
                         WorkExchange& exchange, HashTotals& totals, EventLog& events,
                         const Stop& stop);

} // namespace minewarden::lab
