// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/hash/crew.h"
#include "tests/lab/hash/work_exchange.h"

namespace minewarden::lab {

/// Hashes the exchange's jobs with SHA256d until the stop, and offers the shares that meet their
/// target.
void mine_bitcoin(unsigned threads, const Pace& pace, WorkExchange& exchange, HashTotals& totals,
                  EventLog& events, const Stop& stop);

} // namespace minewarden::lab
