// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/lab/hash/crew.h"
#include "tests/lab/hash/work_exchange.h"

namespace minewarden::lab {

/// Hashes the jobs of the exchange with SHA256d until the stop. Offers the shares that meet the
/// target.
void mine_bitcoin(unsigned threads, const Pace& pace, WorkExchange& exchange, HashTotals& totals,
                  EventLog& events, const Stop& stop);

} // namespace minewarden::lab
