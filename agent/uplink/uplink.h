// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/outbox/outbox.h"
#include "common/endpoint.h"
#include "common/keys/curve_key.h"
#include "common/result.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace minewarden::agent {

struct UplinkOptions {
    /// tcp:// or ipc://, at least one. Several are collectors over one database, with the same key.
    std::vector<std::string> endpoints;
    CurvePublicKey collector_key;
    BootId boot;
    std::string agent_version;
    std::string host_name;
    std::chrono::nanoseconds heartbeat_interval{}; ///< the collector detects silence by it
};

/// One endpoint of a collector, as agent.collector gives it. Errors have kind config.
Result<Endpoint> collector_endpoint(std::string_view text);

/// Sends the outbox to a collector, in a thread of its own: at least once, in order, within the
/// credit that the collector gives (docs/transport.md). It stays with an endpoint that answers, and
/// tries the next one when the connection ends or nothing is answered. While no collector answers,
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
