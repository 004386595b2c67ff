// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"
#include "tests/lab/net/loopback_address.h"
#include "tests/lab/run/event_log.h"
#include "tests/lab/run/stop.h"
#include "tests/lab/stratum/client_protocol.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace minewarden::lab {

/// Source of the shares of a client: invented, or found by hashing. Called from the thread of the
/// client.
class ShareSource {
  public:
    virtual ~ShareSource() = default;
    virtual void on_job(const Job& job) = 0;
    /// Becomes readable when take() may return a share.
    [[nodiscard]] virtual int fd() const = 0;
    virtual std::optional<Share> take() = 0;
};

struct ClientOptions {
    LoopbackAddress pool;
    unsigned pieces = 1; ///< number of writes for the first message
    std::chrono::milliseconds piece_delay{50};
    std::chrono::seconds keepalive{60};
};

struct ClientTotals {
    std::uint64_t jobs = 0;
    std::uint64_t submitted = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
};

/// Connects, logs in, and exchanges jobs and shares until the stop. Emits an event for each step.
/// Returns an error if the pool is unreachable, refuses the login, or closes before the stop.
Result<void> run_client(const ClientOptions& options, ClientProtocol& protocol, ShareSource& shares,
                        ClientTotals& totals, EventLog& events, const Stop& stop);

} // namespace minewarden::lab
