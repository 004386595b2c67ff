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

/// Where a client's shares come from: made up, or found by hashing. All calls come from the
/// client's thread.
class ShareSource {
  public:
    virtual ~ShareSource() = default;
    virtual void on_job(const Job& job) = 0;
    /// Readable when take() may have something.
    [[nodiscard]] virtual int fd() const = 0;
    virtual std::optional<Share> take() = 0;
};

struct ClientOptions {
    LoopbackAddress pool;
    unsigned pieces = 1; ///< writes of the first message
    std::chrono::milliseconds piece_delay{50};
    std::chrono::seconds keepalive{60};
};

struct ClientTotals {
    std::uint64_t jobs = 0;
    std::uint64_t submitted = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
};

/// Connects, logs in, and exchanges jobs and shares until the stop, telling of each step. An error
/// if the pool cannot be reached, refuses the login, or goes away before the stop.
Result<void> run_client(const ClientOptions& options, ClientProtocol& protocol, ShareSource& shares,
                        ClientTotals& totals, EventLog& events, const Stop& stop);

} // namespace minewarden::lab
