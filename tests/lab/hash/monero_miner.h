// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/hash/crew.h"
#include "tests/lab/hash/randomx_memory.h"
#include "tests/lab/hash/work_exchange.h"

namespace minewarden::lab {

/// Hashes the jobs of the exchange with RandomX until the stop. Offers the shares that meet the
/// target. Fills the memory again when a job has another seed. Errors: not enough memory, or a job
/// with another algorithm than rx/0.
Result<void> mine_monero(const RandomxSettings& settings, unsigned threads, const Pace& pace,
                         WorkExchange& exchange, HashTotals& totals, EventLog& events,
                         const Stop& stop);

} // namespace minewarden::lab
