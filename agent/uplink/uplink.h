// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/outbox/outbox.h"
#include "common/keys/curve_key.h"
#include "common/result.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace minewarden::agent {

struct UplinkOptions {
    std::string endpoint; ///< tcp:// or ipc://
    CurvePublicKey collector_key;
    BootId boot;
    std::string agent_version;
    std::string host_name;
    std::chrono::nanoseconds heartbeat_interval{}; ///< the collector detects silence by it
};

/// Checks an endpoint of a collector: ipc://PATH, or tcp://ADDRESS:PORT with an address and not a
/// name, because the agent resolves no names. Errors have kind config.
Result<void> check_endpoint(std::string_view endpoint);

/// Sends the outbox to the collector, in a thread of its own: at least once, in order, within the
/// credit that the collector gives (docs/transport.md). While the collector is away it waits, and
/// the outbox keeps everything.
class Uplink {
  public:
    /// `outbox` outlives the uplink.
    static Result<std::unique_ptr<Uplink>> start(UplinkOptions options, const CurveKeyPair& keys,
                                                 Outbox& outbox);
    /// Sends what the collector accepts within half a second, sends a goodbye and stops.
    ~Uplink();
    Uplink(const Uplink&) = delete;
    Uplink& operator=(const Uplink&) = delete;

    /// Something was appended to the outbox.
    void notify();
    /// Sent if the collector is connected, otherwise dropped: the next one is more recent.
    void send_heartbeat(std::string serialized_from_agent);

    [[nodiscard]] bool is_connected() const;

  private:
    class Session;
    explicit Uplink(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
    std::jthread thread_;
};

} // namespace minewarden::agent
