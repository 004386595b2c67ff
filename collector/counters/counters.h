// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/counters/message_fault.h"

#include <array>
#include <atomic>
#include <cstdint>

namespace minewarden::collector {

/// Counters since start, for /metrics and /api/v1/status. Written by the intake and the gate, read
/// by any thread, and by other processes if they lie in shared memory. Each one is exact; together
/// they are not a snapshot.
struct Counters {
    using Counter = std::atomic<std::uint64_t>;

    Counter handshakes_accepted{0};
    Counter handshakes_refused{0}; ///< the key is not enrolled
    Counter handshakes_failed{0};  ///< not CURVE, or aborted

    Counter connections{0};            ///< now; only with a door (door/door.h), as the next three
    Counter connections_over_limit{0}; ///< refused or ended, because there were too many
    Counter connections_held_back{0};  ///< of addresses that came with deaths of the intake
    Counter pauses{0};                 ///< nothing was read because the heap was full

    Counter messages{0};
    Counter message_bytes{0};
    std::array<Counter, message_faults> refused{}; ///< by MessageFault

    Counter findings{0};
    Counter rule_sets{0};
    Counter gaps{0};
    Counter heartbeats{0};
    Counter duplicates{0};
    Counter rejected_records{0};

    Counter commits{0};
    Counter commit_ns{0};
    Counter commit_failures{0};
    std::atomic<bool> is_storing{true};         ///< false while commits fail
    std::atomic<std::int64_t> last_round_ns{0}; ///< steady clock: the last round of the intake

    Counter intake_restarts{0}; ///< of the intake process
    Counter store_restarts{0};  ///< of the store process
};

} // namespace minewarden::collector
